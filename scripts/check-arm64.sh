#!/usr/bin/env bash
# Builds the three images for arm64 on a machine of another kind, and runs the program from one of them under qemu: a server that
# is asked how it is, takes a message, and forwards it.
#
#   scripts/check-arm64.sh [--public-bases]
#
#   --public-bases   on the images that the Dockerfiles name, for arm64, from their registry. Default: a base that is made here of
#                    Debian's arm64 packages, unpacked; nothing of it runs while an image is built.
#
# The frontend's image holds no program of ours: its layer has to be the one of the amd64 image, octet by octet.
# Needs docker, root (to tell the kernel what runs arm64 programs, as long as this runs), Debian packages mmdebstrap and
# qemu-user-static. Exit code 0 only if all of it holds.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
public=no
case ${1:-} in
  '') ;;
  --public-bases) public=yes ;;
  -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
  *) echo "Unknown option $1; see $0 --help" >&2; exit 2 ;;
esac
scripts/install-packages.sh mmdebstrap qemu-user-static curl

base=smtpy-arm64-base container=smtpy-arm64
formats=/proc/sys/fs/binfmt_misc format=/usr/lib/binfmt.d/qemu-aarch64.conf
mounted=no registered=no
cleanup() {
  docker rm --force --volumes "$container" > /dev/null 2>&1 || true
  if [[ $registered == yes ]]; then echo -1 > "$formats/qemu-aarch64"; fi
  if [[ $mounted == yes ]]; then umount "$formats"; fi
}
trap cleanup EXIT

step() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
die() { echo "FAILED: $*" >&2; exit 1; }

# What the public base has: libc, OpenSSL and what .NET links to, certificates, a user table, no culture data.
make_base() {
  # shellcheck disable=SC2016 # $1 is the hooks' own
  mmdebstrap --quiet --mode=root --architectures=arm64 --variant=extract --include=base-files,libc6,libgcc-s1,libstdc++6,libssl3,ca-certificates \
    --aptopt='APT::Install-Recommends "false"' --aptopt="$(apt-config dump | grep --extended-regexp '^Acquire::Check-(Date|Valid-Until) ')" \
    --extract-hook='echo root:x:0:0:root:/root:/bin/false > "$1/etc/passwd"; echo root:x:0: > "$1/etc/group"' \
    --extract-hook='cat "$1"/usr/share/ca-certificates/mozilla/*.crt > "$1/etc/ssl/certs/ca-certificates.crt"' \
    bookworm - | docker import --platform linux/arm64 --change 'ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true' - "$base" > /dev/null
}

build() {
  local name=$1 platform=$2 dockerfile=$3
  shift 3
  docker build --quiet --platform "linux/$platform" "$@" --tag "$name" --file "$dockerfile" . > /dev/null
  [[ $(docker image inspect --format '{{.Architecture}}' "$name") == "$platform" ]] || die "$name is not for $platform"
  step "$name is built"
}

layers() { docker image inspect --format '{{range .RootFS.Layers}}{{println .}}{{end}}' "$1" | sed '/^$/d'; }

program=() frontend=()
if [[ $public == no ]]; then
  make_base
  step "base image of $(docker image inspect --format '{{.Architecture}}' "$base") packages"
  nginx=$(sed -n 's/^ARG NGINX_IMAGE=//p' front/Dockerfile.prod)
  program=(--build-arg "RUNTIME_IMAGE=$base") frontend=(--build-arg "NGINX_IMAGE=$base" --build-arg "BUILD_IMAGE=$nginx")
fi
build smtpy-smtp:arm64 arm64 back/smtp/Dockerfile.prod "${program[@]}"
build smtpy-api:arm64 arm64 back/api/Dockerfile.prod "${program[@]}"
build smtpy-frontend:arm64 arm64 front/Dockerfile.prod "${frontend[@]}"
build smtpy-frontend:amd64 amd64 front/Dockerfile.prod
[[ $(layers smtpy-frontend:arm64 | tail -n 1) == "$(layers smtpy-frontend:amd64 | tail -n 1)" ]] || die "the frontend's files are not the same on both processors"
step "the frontend's layer is the same for arm64 and amd64"
[[ $(layers smtpy-smtp:arm64) == "$(layers smtpy-api:arm64)" ]] || die "smtp and api are not the same program"

if [[ ! -e $formats/register ]]; then
  mount -t binfmt_misc binfmt_misc "$formats"
  mounted=yes
fi
if [[ $(uname -m) != aarch64 && ! -e $formats/qemu-aarch64 ]]; then
  cat "$format" > "$formats/register"
  registered=yes
fi

step "$(docker run --rm --platform linux/arm64 smtpy-api:arm64 --version) says its version"
docker run --detach --name "$container" --platform linux/arm64 --read-only --cap-drop ALL --security-opt no-new-privileges:true \
  --tmpfs /tmp --tmpfs /data:uid=10001,gid=10001,mode=700 --publish 127.0.0.1::8000 --no-healthcheck \
  --env DATABASE_URL=sqlite:/data/smtpy.db --env SMTP_DELIVERY=capture smtpy-smtp:arm64 serve --role all > /dev/null
web=$(docker port "$container" 8000/tcp)
# Asked from here: the program's own question, the image's health check too, starts it anew, which takes seconds of an emulated
# processor.
until curl --silent --fail --max-time 5 --output /dev/null "http://$web/health"; do
  [[ $(docker inspect --format '{{.State.Running}}' "$container") == true ]] || { docker logs "$container" >&2; die "the server ended"; }
  sleep 1
done
step "the server answers"
step "$(docker exec "$container" smtpy health --url http://127.0.0.1:8000/health)"
step "$(docker exec "$container" smtpy selftest --timeout 300)"
docker kill --signal TERM "$container" > /dev/null
code=$(timeout 120 docker wait "$container") || true
[[ $code == 0 ]] || { docker logs "$container" >&2; die "the server did not end in good order: ${code:-it did not end}"; }
step "the server ended in good order"
