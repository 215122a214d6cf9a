#!/usr/bin/env bash
# Follows docs/tutorial-database.md in an empty folder.
#
#   tests/support/tutorial.sh
#
# PLATTR names the program; without it, this checkout is built.
set -euo pipefail
# shellcheck source=tests/support/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

enter_world
project=$scratch/notes
mkdir "$project"
projects+=("$project")
# The tutorial calls the program by its name.
mkdir "$scratch/bin"
ln -s "$PLATTR" "$scratch/bin/plattr"
as_user env PATH="$scratch/bin:$PATH" python3 "$repo/tests/support/tutorial.py" "$repo/docs/tutorial-database.md" "$project"
