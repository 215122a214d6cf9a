#!/usr/bin/env bash
# Follows docs/tutorial.md and docs/tutorial-database.md, each in an empty folder.
#
#   tests/support/tutorial.sh
#
# PLATTR names the program; without it, this checkout is built.
set -euo pipefail
# shellcheck source=tests/support/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

enter_world
# The tutorials call the program by its name.
mkdir "$scratch/bin"
ln -s "$PLATTR" "$scratch/bin/plattr"
for tutorial in tutorial tutorial-database; do
  step "docs/$tutorial.md"
  project=$scratch/$tutorial/notes
  mkdir -p "$project"
  projects+=("$project")
  as_user env PATH="$scratch/bin:$PATH" python3 "$repo/tests/support/tutorial.py" "$repo/docs/$tutorial.md" "$project"
done
