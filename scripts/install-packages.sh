#!/usr/bin/env bash
# Installs the Debian packages named as arguments that are missing, and says which. Starts no daemon.
set -euo pipefail

missing=()
for package in "$@"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == installed ]] || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi
echo "Installing Debian packages that the tests need: ${missing[*]}"

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "Not root and no sudo: install by hand: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

# A Postfix that starts on port 25 because a test wanted its programs would be a mail server nobody asked for:
# while dpkg runs, invoke-rc.d is told "not allowed" (101).
policy=/usr/sbin/policy-rc.d
put_policy=no
if [[ ! -e $policy ]]; then
  put_policy=yes
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi
cleanup() { if [[ $put_policy == yes ]]; then "${as_root[@]}" rm -f "$policy"; fi; }
trap cleanup EXIT

install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet=2 --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}"
}
if ! apt-get install --simulate --quiet=2 "${missing[@]}" >/dev/null 2>&1; then
  "${as_root[@]}" apt-get update --quiet=2
  install
else
  # The lists may be old: a version named there may be gone from the mirror.
  install || { "${as_root[@]}" apt-get update --quiet=2; install; }
fi
