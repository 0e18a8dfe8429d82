#!/usr/bin/env bash
# Sizes of the three images, uncompressed, every layer with what made it, and how much of the repository a build is sent.
#
#   scripts/image-sizes.sh [--context] [--json] [TAG]
#
#   TAG         which images; default: the variable TAG, or latest
#   --context   only the build context; needs no images
#   --json      one JSON document
#
# DOCKER_REGISTRY is put before the names, as compose does. Exit code 0 only if every image is within its limit (api 175 MB,
# smtp 150 MB, frontend 60 MB) and at least 90 % of a folder that was built in stays out of the context.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
tag=${TAG:-latest} json=no context_only=no
for argument in "$@"; do
  case $argument in
    --json) json=yes ;;
    --context) context_only=yes ;;
    -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) echo "Unknown option $argument; see $0 --help" >&2; exit 2 ;;
    *) tag=$argument ;;
  esac
done

declare -A limit=([api]=175 [smtp]=150 [frontend]=60)
result=0
# shellcheck disable=SC2059 # the format is a constant of this script
say() { [[ $json == yes ]] || printf "$@"; }

# What docker is sent, by asking docker: a build that only copies its context and counts.
context_octets() {
  docker build --quiet --no-cache --output "type=tar,dest=-" -f - . <<'DOCKERFILE' | wc -c
FROM scratch
COPY . /
DOCKERFILE
}

measure_context() {
  sent=$(context_octets)
  whole=$(du -sb . | cut -f1)
  kept_out=$((100 - sent * 100 / whole))
  say 'build context: %d kB of %d kB are sent, %d %% stay out (limit: at least 90 %%)\n' $((sent / 1000)) $((whole / 1000)) "$kept_out"
  # In a fresh clone there is little that could stay out: sources are most of it. Judged is a folder that somebody works in.
  if ((kept_out < 90)) && [[ -n $(find . -name obj -type d -print -quit) ]]; then result=1; fi
}

images=()
measure_image() {
  local name=$1 reference=${DOCKER_REGISTRY:-}smtpy-$1:$tag octets verdict=ok layers
  if ! octets=$(docker image inspect -f '{{.Size}}' "$reference" 2>/dev/null); then
    echo "$reference is not on this machine" >&2
    result=1
    return
  fi
  if ((octets > limit[$name] * 1000000)); then
    verdict="TOO LARGE"
    result=1
  fi
  say '\n%s: %.1f MB (limit %d MB) %s\n' "$reference" "$(awk "BEGIN { print $octets / 1e6 }")" "${limit[$name]}" "$verdict"
  layers=$(docker history --no-trunc --human=false --format '{{.Size}}\t{{.CreatedBy}}' "$reference" | awk -F '\t' '$1 > 0')
  if [[ $json == no ]]; then
    awk -F '\t' '{ gsub(/\/bin\/sh -c |# buildkit/, "", $2); printf "  %7.1f MB  %s\n", $1 / 1e6, substr($2, 1, 110) }' <<<"$layers"
  fi
  images+=("$(printf '{"image":"%s","octets":%d,"limit":%d,"layers":[%s]}' "$reference" "$octets" $((limit[$name] * 1000000)) "$(
    cut -f1 <<<"$layers" | paste -sd, -)")")
}

measure_context
if [[ $context_only == no ]]; then
  for name in api smtp frontend; do measure_image "$name"; done
fi
if [[ $json == yes ]]; then
  printf '{"context":{"sent":%d,"repository":%d,"kept_out_percent":%d},"images":[%s]}\n' "$sent" "$whole" "$kept_out" "$(IFS=,; echo "${images[*]-}")"
fi
exit $result
