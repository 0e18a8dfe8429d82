#!/usr/bin/env bash
# Builds each of the three images twice, without the cache, and compares them octet by octet: once from this folder as it stands,
# once from a copy of the files in it that git knows, elsewhere, with other modes and times.
#
#   scripts/check-reproducible.sh [IMAGE…]
#
#   IMAGE   api, smtp, frontend; default: all three
#
# No step is taken from the cache, the restore of the packages neither; what stays the same are the base images. Compared are the
# digests of the unpacked layers (order, names, modes, owners, times and content of all files), the configuration, and the image ID,
# which is the digest of both. Where something differs, the files are named. Needs docker, git and python3. Exit code 0 only if all are
# the same.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
images=()
for argument in "$@"; do
  case $argument in
    api | smtp | frontend) images+=("$argument") ;;
    -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "Unknown option or image $argument; see $0 --help" >&2; exit 2 ;;
  esac
done
[[ ${#images[@]} -gt 0 ]] || images=(api smtp frontend)

work=$(mktemp -d)
cleanup() {
  rm -rf "$work"
  docker image rm --force smtpy-{api,smtp,frontend}:reproduced-{1,2} > /dev/null 2>&1 || true
}
trap cleanup EXIT

# As docs/DEPLOYMENT_GUIDE.md has it for a release. An attestation tells of the build itself, so no two are the same.
cd "$root"
VERSION=v$(sed -nE 's|.*<Version>(.*)</Version>.*|\1|p' Directory.Build.props)
REVISION=$(git rev-parse HEAD)
CREATED=$(git log -1 --format=%cI)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export VERSION REVISION CREATED SOURCE_DATE_EPOCH BUILDX_NO_DEFAULT_ATTESTATIONS=1 DOCKER_REGISTRY=
export POSTGRES_PASSWORD=unused REDIS_PASSWORD=unused SECRET_KEY=unused

build() {
  local started=$SECONDS
  (cd "$2" && TAG=reproduced-$1 docker compose -f docker-compose.prod.yml --progress quiet build --no-cache "${images[@]}")
  echo "build $1: $((SECONDS - started)) s"
}

mkdir "$work/copy"
git ls-files -z | tar --create --null --files-from=- | (umask 077 && tar --extract --touch --no-same-permissions --directory="$work/copy")
build 1 "$root"
build 2 "$work/copy"

# Every file of the layers whose digests differ, and in what.
explain() {
  local number
  for number in 1 2; do
    mkdir "$work/$1-$number"
    docker save "smtpy-$1:reproduced-$number" | tar --extract --directory="$work/$1-$number"
  done
  python3 - "$work/$1-1" "$work/$1-2" <<'PYTHON'
import hashlib, json, pathlib, sys, tarfile

def layers(folder):
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text())[0]
    return json.loads((folder / manifest["Config"]).read_text()), [folder / name for name in manifest["Layers"]]

def entries(path):
    with tarfile.open(path) as layer:
        for number, file in enumerate(layer):
            content = hashlib.sha256(layer.extractfile(file).read()).hexdigest() if file.isreg() else file.linkname
            yield file.name, {"place": number, "type": file.type, "mode": oct(file.mode), "owner": (file.uid, file.gid), "time": file.mtime, "size": file.size, "content": content}

(one, one_layers), (two, two_layers) = layers(sys.argv[1]), layers(sys.argv[2])
for key in sorted(one.keys() | two.keys()):
    if key != "rootfs" and one.get(key) != two.get(key):
        print(f"  configuration, {key}: {json.dumps(one.get(key))[:300]}\n      and {json.dumps(two.get(key))[:300]}")
for number, (first, second) in enumerate(zip(one_layers, two_layers)):
    if one["rootfs"]["diff_ids"][number] == two["rootfs"]["diff_ids"][number]:
        continue
    first, second = dict(entries(first)), dict(entries(second))
    for name in sorted(first.keys() | second.keys()):
        before, after = first.get(name), second.get(name)
        if before is None or after is None:
            print(f"  layer {number + 1}, {name}: in one only")
        elif before != after:
            print(f"  layer {number + 1}, {name}: " + ", ".join(f"{key} {before[key]} and {after[key]}" for key in before if before[key] != after[key]))
PYTHON
}

result=0
for name in "${images[@]}"; do
  id=$(docker image inspect --format '{{.Id}}' "smtpy-$name:reproduced-1")
  layers=$(docker image inspect --format '{{join .RootFS.Layers " "}}' "smtpy-$name:reproduced-1")
  if [[ $id == "$(docker image inspect --format '{{.Id}}' "smtpy-$name:reproduced-2")" ]]; then
    echo "smtpy-$name: the same, $id, $(wc -w <<<"$layers") layers:"
    printf '  %s\n' $layers
  else
    echo "smtpy-$name: DIFFERS"
    explain "$name"
    result=1
  fi
done
exit $result
