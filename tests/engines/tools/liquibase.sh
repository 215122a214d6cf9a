# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='liquibase 4.33.0'
exit_code=1

# liquibase-core has the command line; the published archive of it is no package of Maven Central.
make_liquibase() {
  cat >pom.xml <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tools</groupId>
  <artifactId>liquibase</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.liquibase</groupId>
      <artifactId>liquibase-core</artifactId>
      <version>$1</version>
    </dependency>
    <dependency>
      <groupId>info.picocli</groupId>
      <artifactId>picocli</artifactId>
      <version>4.7.7</version>
    </dependency>
    <dependency>
      <groupId>org.postgresql</groupId>
      <artifactId>postgresql</artifactId>
      <version>42.7.8</version>
    </dependency>
  </dependencies>
</project>
XML
  mvn --batch-mode --no-transfer-progress --quiet dependency:copy-dependencies -DoutputDirectory=lib
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nexec java -cp "%s/lib/*" liquibase.integration.commandline.LiquibaseCommandLine "$@"\n' "$PWD" >liquibase
  chmod +x liquibase
}

generate() {
  PATH=$(kept liquibase 4.33.0):$PATH
  export PATH LIQUIBASE_SHOW_BANNER=false
  liquibase init project --project-dir=. --project-guide=false --changelog-file=changelog.sql --format=sql \
    --project-defaults-file=liquibase.properties --url=jdbc:postgresql://db/app --username=unused --password=unused
  printf -- '--liquibase formatted sql\n\n--changeset ada:notes\n%s\n%s;\n' \
    'CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text);' "$witness" >changelog.sql
}

broken() {
  printf -- '\n--changeset ada:broken\nCREATE TABLE half (id int);\nSELECT 1/0;\n' >>changelog.sql
}

pending() {
  shown ada --status
  shown 'CREATE TABLE half' --dry-run
}
