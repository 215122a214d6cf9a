package dev.plattr;
import java.text.*; import java.text.spi.BreakIteratorProvider; import java.util.Locale;
/** Lets Lucene's Thai analyzer be built on a Java without Thai locale data: splits at every character. */
public final class Thai extends BreakIteratorProvider {
  public Locale[] getAvailableLocales() { return new Locale[] {Locale.forLanguageTag("th")}; }
  public BreakIterator getWordInstance(Locale l) { return BreakIterator.getCharacterInstance(Locale.ROOT); }
  public BreakIterator getLineInstance(Locale l) { return BreakIterator.getLineInstance(Locale.ROOT); }
  public BreakIterator getCharacterInstance(Locale l) { return BreakIterator.getCharacterInstance(Locale.ROOT); }
  public BreakIterator getSentenceInstance(Locale l) { return BreakIterator.getSentenceInstance(Locale.ROOT); }
}
