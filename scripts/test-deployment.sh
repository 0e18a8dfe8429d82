#!/usr/bin/env bash
# Builds the production images from the committed files, starts the whole site with the documents' own commands, and tests it:
# mail in and out, every container killed under load, update and rollback, backup and restore, every check of the verification
# script made to fail.
#
#   scripts/test-deployment.sh [--no-build] [TEST-EXECUTABLE OPTIONS…]
#
#   --no-build   the test program was built already
#
# Takes the container engine that answers. Where none does, DOCKER_LAB names a script that brings one, with stand-ins for the
# public images (default: ../shared/docker-lab/lab, where it is). Ports 25, 80 and 443 must be free; needs root, to kill
# containers' processes from outside.
# SMTPY_KEEP_DEPLOYMENT=1 leaves everything running at the end.
#
# The last line is "N passed, N failed"; what was measured stands in artifacts/deployment/.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=yes
arguments=()
for argument in "$@"; do
  case $argument in
    --no-build) build=no ;;
    -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) arguments+=("$argument") ;;
  esac
done

"$root/scripts/install-packages.sh" openssl curl git

lab=${DOCKER_LAB:-$root/../shared/docker-lab/lab}
if [[ -x $lab ]]; then
  "$lab" up
  "$lab" images
  eval "$("$lab" env)"
  "$lab" tag "$root"/back/*/Dockerfile.prod "$root/front/Dockerfile.prod" "$root/docker-compose.prod.yml" "$root/docker-compose.yml"
elif ! docker version --format '{{.Server.Version}}' > /dev/null; then
  echo "No container engine answers, and there is no $lab to bring one." >&2
  echo "0 passed, 1 failed"
  exit 1
fi

if [[ $build == yes ]]; then
  dotnet build "$root/tests/Deployment" -c Release -v quiet -nologo
fi

results=$root/artifacts/deployment/results
rm -rf "$results"
mkdir -p "$results"
code=0
(cd "$root/tests/Deployment" && bin/Release/net10.0/Smtpy.Deployment --report-xunit-xml --report-xunit-xml-filename Deployment.xml \
  --results-directory "$results" --no-ansi --progress off --show-stdout all "${arguments[@]}") || code=$?
echo "$code" > "$results/Deployment.exit"
exec python3 "$root/scripts/sum-test-results.py" "$results"
