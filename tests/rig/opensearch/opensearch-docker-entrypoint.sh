#!/usr/bin/env bash
# Turns environment variables that are named as settings into settings, as the official image's entry point does, and
# starts OpenSearch in the foreground. There is no security plugin and no demonstration to leave out, so the variables
# that switch those off change nothing.
set -euo pipefail

settings=()
while IFS='=' read -r -d '' name value; do
  if [[ $name =~ ^[a-z0-9_]+(\.[a-z0-9_]+)+$ && -n $value ]]; then settings+=("-E$name=$value"); fi
done < <(env -0)

# Control groups are wrong in nested containers.
export OPENSEARCH_JAVA_OPTS="-Dopensearch.cgroups.hierarchy.override=/ ${OPENSEARCH_JAVA_OPTS:-}"
[ $# -gt 0 ] || set -- opensearch
if [ "$1" = opensearch ]; then
  shift
  exec ./bin/opensearch ${settings[@]+"${settings[@]}"} "$@"
fi
exec "$@"
