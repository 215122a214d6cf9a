#!/usr/bin/env bash
# examples/todo from end to end in a copy of its folder: services, unit tests, migrations, seed data, and the
# whole application in headless Chromium.
#
#   tests/support/example.sh
#
# PLATTR names the program; without it, this checkout is built. CHROMIUM names the browser.
set -euo pipefail
# shellcheck source=tests/support/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

for name in chromium chromium-browser google-chrome; do
  [ -n "${CHROMIUM:-}" ] || CHROMIUM=$(command -v "$name" || true)
done
export CHROMIUM
[ -x "$CHROMIUM" ] || die 'there is no Chromium; install it, or name it with CHROMIUM'
# What the example would take from whoever runs this.
unset PORT APP_URL LISTEN_HOST

enter_world
project=$scratch/todo
projects+=("$project")
(cd "$repo/examples" && git ls-files -z --cached --others --exclude-standard todo | tar --null -T - -cf -) |
  tar -xf - -C "$scratch"
cd "$project"
said() { grep -qxF "$1" <<<"$output" || die "expected '$1', got: $output"; }

# Packages come from the caller's own npm, with its cache and settings.
step 'npm ci'
npm ci --no-audit --no-fund --loglevel=error
step 'unit tests'
npm test --silent
step 'plattr dev'
plattr dev --yes --progress none

step 'migrate, twice'
output=$(plattr run -- npm run --silent migrate)
for migration in migrations/*.sql; do said "applied $(basename "$migration")"; done
output=$(plattr run -- npm run --silent migrate)
said 'nothing to apply'

step 'seed, twice'
output=$(plattr run -- npm run --silent seed)
said 'alice: 3 added, 0 already there'
output=$(plattr run -- npm run --silent seed)
said 'alice: 0 added, 3 already there'

step 'the application in Chromium'
plattr run -- npm run --silent test:browser
step 'plattr verify, with tables and rows'
plattr verify --progress none
step 'plattr destroy'
plattr destroy --yes --progress none
# What plattr said is kept; what the services had is not.
left=$(find .plattr -mindepth 1 -not -path '.plattr/logs*' -not -name lock -not -name .gitignore)
[ -z "$left" ] || die "plattr destroy left $left"
