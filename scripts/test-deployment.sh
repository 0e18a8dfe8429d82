#!/usr/bin/env bash
# Builds the production images from the committed files, starts the whole site with the documents' own commands, and tests it:
# mail in and out, every container killed under load, update and rollback, backup and restore, every check of the verification
# script made to fail.
#
#   scripts/test-deployment.sh [--no-build] [TEST-EXECUTABLE OPTIONS…]
#   scripts/test-deployment.sh --prepare
#   scripts/test-deployment.sh --write-guide
#
#   --no-build   the test program was built already
#   --prepare    only brings the engine and builds the images once, so that the test finds their layers in the engine's cache
#   --write-guide  only puts what the last whole run measured into docs/DEPLOYMENT_GUIDE.md, "What needs testing"
#
# DOCKER_LAB names a script that brings a container engine, with stand-ins for the public images (default:
# ../shared/docker-lab/lab, where it is). Without it the engine that answers is taken. The peers around the site are built here, from
# tests/Deployment/Peers on PEERS_BASE, an image of Debian 12 (default: debian:bookworm-slim, or the lab's); so is certbot, only where
# its own image cannot be pulled. Ports 25, 80, 443, 465 and 587 must be free; needs root, to kill containers' processes from outside.
# SMTPY_KEEP_DEPLOYMENT=1 leaves everything running at the end.
#
# The last line is "N passed, N failed"; what was measured stands in artifacts/deployment/.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=yes
prepare=no
write_guide=no
arguments=()
for argument in "$@"; do
  case $argument in
    --no-build) build=no ;;
    --prepare) prepare=yes ;;
    --write-guide) write_guide=yes ;;
    -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) arguments+=("$argument") ;;
  esac
done

# Between the two marks of the guide. Of a run that passed whole: numbers of half a run would stand there as if they were all.
write_guide() {
  local measured=$root/artifacts/deployment/measurements.md guide=$root/docs/DEPLOYMENT_GUIDE.md mark
  local begin='<!-- measured: begin -->' end='<!-- measured: end -->'
  [[ -s $measured ]] || { echo "$measured is not there: run the test first" >&2; return 1; }
  [[ $(cat "$root/artifacts/deployment/results/Deployment.exit" 2> /dev/null) == 0 ]] || { echo "the last run did not pass; the guide stays as it is" >&2; return 1; }
  if grep -n '| not measured |$' "$measured" >&2; then echo "the last run was not whole; the guide stays as it is" >&2; return 1; fi
  for mark in "$begin" "$end"; do
    [[ $(grep -cxF "$mark" "$guide") == 1 ]] || { echo "$guide has not one line $mark" >&2; return 1; }
  done
  sed -i -e "/^$begin\$/,/^$end\$/{//!d}" -e "/^$begin\$/r $measured" "$guide"
  echo "written into docs/DEPLOYMENT_GUIDE.md"
}
if [[ $write_guide == yes ]]; then
  write_guide
  exit
fi

"$root/scripts/install-packages.sh" openssl curl git

lab=${DOCKER_LAB:-$root/../shared/docker-lab/lab}
if [[ -x $lab ]]; then
  "$lab" up
  "$lab" images
  eval "$("$lab" env)"
  export PEERS_BASE=${PEERS_BASE:-smtpy-lab/debian:bookworm}
  "$lab" tag "$root"/back/*/Dockerfile.prod "$root/front/Dockerfile.prod" "$root/docker-compose.prod.yml" "$root/docker-compose.yml"
elif ! docker version --format '{{.Server.Version}}' > /dev/null; then
  echo "No container engine answers, and there is no $lab to bring one." >&2
  echo "0 passed, 1 failed"
  exit 1
fi

build_peer() {
  docker build --quiet --build-arg "BASE=${PEERS_BASE:-debian:bookworm-slim}" --tag "$1" "$root/tests/Deployment/Peers/$2" > /dev/null
}

# Whether the real image is here or can be had; one that stands in says so in a label.
have_real_image() {
  local label
  if label=$(docker image inspect --format '{{index .Config.Labels "smtpy.stand-in"}}' "$1" 2> /dev/null); then
    [[ -n $label ]] || return 0
  fi
  timeout 120 docker pull --quiet "$1" > /dev/null 2>&1
}

for peer in mail dns acme; do
  build_peer "smtpy-peer-$peer" "$peer"
done
certbot=$(sed -nE 's|^ *image: *(certbot/.*)$|\1|p' "$root/docker-compose.prod.yml")
have_real_image "$certbot" || build_peer "$certbot" certbot

if [[ $prepare == yes ]]; then
  cd "$root"
  POSTGRES_PASSWORD=unused REDIS_PASSWORD=unused SECRET_KEY=unused exec docker compose -f docker-compose.prod.yml --progress quiet build
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
