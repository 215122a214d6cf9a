# shellcheck shell=bash disable=SC2034,SC2154 # lib.sh and this file share variables.
version='rails of Debian'
exit_code=1

generate() {
  if ! command -v rails >/dev/null; then
    [ "$(id -u)" = 0 ] || die 'rails is missing: apt-get install ruby-rails ruby-pg'
    apt-get install --yes --quiet --no-install-recommends ruby-rails ruby-pg
  fi
  rails new . --name notes --minimal --api --database postgresql --skip-bundle --skip-git --skip-listen --skip-bootsnap
  # What the generator names is what gems would be fetched for; Debian's packages are all there is here.
  printf "gem 'rails'\ngem 'pg'\n" >Gemfile
  printf "default:\n  adapter: postgresql\ndevelopment:\n  url: <%%= ENV['DATABASE_URL'] %%>\n" >config/database.yml
  DATABASE_URL=$url bin/rails generate migration create_notes
  cat >db/migrate/*_create_notes.rb <<RUBY
class CreateNotes < ActiveRecord::Migration[6.1]
  def change
    create_table(:notes) { |table| table.text :title }
    execute "$witness"
  end
end
RUBY
}

broken() {
  DATABASE_URL=$url bin/rails generate migration broken
  cat >db/migrate/*_broken.rb <<'RUBY'
class Broken < ActiveRecord::Migration[6.1]
  def change
    create_table :half
    execute 'SELECT 1/0'
  end
end
RUBY
}

pending() { shown Broken --status; }
