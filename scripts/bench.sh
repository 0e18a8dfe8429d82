#!/usr/bin/env bash
# Puts SMTPy and Postfix under the same load, in turns, and prints tables of both and their ratios.
#
#   scripts/bench.sh [--quick] [--runs N] [--sizes 1024,10240,102400] [--connections 1,10,50,100] [--no-build] [--only smtpy|postfix]
#
#   scripts/bench.sh --pair EXECUTABLE[,NAME=VALUE…] EXECUTABLE[,NAME=VALUE…] [--size N] [--connections N] [--rounds N] [--signing]
#
#   --quick   one run of 10 connections and 1 KiB
#   --pair    two builds or settings of SMTPy instead, loaded in turns: shows differences of some hundredths
#
# Results go to standard output and to artifacts/bench/. Needs root (or sudo) for Postfix's supervisor. Loopback only.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=yes
program=compare.py
arguments=()
for argument in "$@"; do
  case $argument in
    --no-build) build=no ;;
    --pair) program=pair.py build=no ;;
    -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) arguments+=("$argument") ;;
  esac
done

"$root/scripts/install-packages.sh" postfix python3 python3-dkim nsd openssl

out=$root/artifacts/bench
mkdir -p "$out"
if [[ $build == yes ]]; then
  echo "Building (Release) …" >&2
  dotnet publish "$root/back/server" -c Release --use-current-runtime --no-self-contained -o "$out/smtpy" -v quiet -nologo >&2
  dotnet build "$root/tests/Benchmarks" -c Release -v quiet -nologo >&2
fi

run=(/usr/bin/python3 "$root/scripts/bench/$program" --instruments "$root/tests/Benchmarks/bin/Release/net10.0/Smtpy.Benchmarks")
if [[ $program == compare.py ]]; then
  run+=(--smtpy "$out/smtpy/smtpy" --out "$out")
fi
run+=("${arguments[@]}")
if [[ $(id -u) -ne 0 ]]; then
  run=(sudo --preserve-env=PATH,DOTNET_ROOT "${run[@]}")
fi
exec "${run[@]}"
