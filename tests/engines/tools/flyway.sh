# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='flyway-maven-plugin 11.14.1'
exit_code=1

# Maven resolves nothing twice, and asks no registry once all is there.
make_maven() { mkdir repository; }

generate() {
  MAVEN_OPTS=-Dmaven.repo.local=$(kept maven flyway 11.14.1)/repository
  export MAVEN_OPTS
  cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>notes</groupId>
  <artifactId>notes</artifactId>
  <version>1</version>
  <build>
    <plugins>
      <plugin>
        <groupId>org.flywaydb</groupId>
        <artifactId>flyway-maven-plugin</artifactId>
        <version>11.14.1</version>
        <configuration>
          <locations>
            <location>filesystem:src/main/resources/db/migration</location>
          </locations>
        </configuration>
        <dependencies>
          <dependency>
            <groupId>org.flywaydb</groupId>
            <artifactId>flyway-database-postgresql</artifactId>
            <version>11.14.1</version>
          </dependency>
          <dependency>
            <groupId>org.postgresql</groupId>
            <artifactId>postgresql</artifactId>
            <version>42.7.8</version>
          </dependency>
        </dependencies>
      </plugin>
    </plugins>
  </build>
</project>
XML
  mkdir -p src/main/resources/db/migration
  echo "CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text); $witness;" \
    >src/main/resources/db/migration/V1__notes.sql
}

broken() {
  echo 'CREATE TABLE half (id int); SELECT 1/0;' >src/main/resources/db/migration/V2__broken.sql
}

pending() { shown broken --status; }
