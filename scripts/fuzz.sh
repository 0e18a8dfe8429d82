#!/usr/bin/env bash
# Tries random, ever stranger inputs on the parsers of octets from strangers (tests/Fuzz), guided by the branches they reach.
#
#   scripts/fuzz.sh TARGET [SECONDS]     one target, 300 s unless told
#   scripts/fuzz.sh --smoke [SECONDS]    all targets side by side, 60 s unless told
#   scripts/fuzz.sh --afl TARGET         with AFL++ (Debian's afl++), until it is stopped
#   scripts/fuzz.sh --replay TARGET FILE
#   scripts/fuzz.sh --list
#
# Branches are counted in a copy of Smtpy.Mail.dll that SharpFuzz has instrumented; where its tool cannot be installed, inputs
# are tried without that guide. What fails is kept in artifacts/fuzz/findings, and the exit code is then 1.
#
# SMTPY_FUZZ_SEED   starts from a seed that was printed
# SMTPY_FUZZ_BUILD  "no" takes what was built last
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=$root/artifacts/fuzz
findings=$work/findings
program=$work/program/Smtpy.Fuzz

prepare() {
  if [[ ${SMTPY_FUZZ_BUILD:-yes} != no ]]; then
    dotnet build "$root/tests/Fuzz" -c Release -v quiet -nologo
  fi
  rm -rf "$work/program"
  mkdir -p "$work" "$findings"
  cp -R "$root/tests/Fuzz/bin/Release/net10.0" "$work/program"
  if ! (cd "$root" && dotnet tool restore >"$work/instrument.log" 2>&1 && dotnet sharpfuzz "$work/program/Smtpy.Mail.dll" >>"$work/instrument.log" 2>&1); then
    echo "Not instrumented, so inputs are tried without a guide: $(tail -n 1 "$work/instrument.log")"
  fi
}

run() { "$program" run "$1" "$2" "$root/tests/Fuzz/corpus/$1" "$findings" ${SMTPY_FUZZ_SEED:+"$SMTPY_FUZZ_SEED"}; }

smoke() {
  local target result=0 running=()
  for target in $("$program" list); do
    run "$target" "$1" >"$work/$target.log" 2>&1 &
    running+=("$!:$target")
  done
  for target in "${running[@]}"; do
    wait "${target%%:*}" || { result=1; echo "${target#*:}: FAILED"; }
    cat "$work/${target#*:}.log"
  done
  return $result
}

case ${1:-} in
  --smoke) prepare; smoke "${2:-60}" ;;
  --list) prepare; "$program" list ;;
  --replay) prepare; "$program" replay "${2:?a target}" "${3:?a file}" ;;
  --afl)
    command -v afl-fuzz >/dev/null || { echo "afl-fuzz is missing: install Debian's afl++" >&2; exit 2; }
    prepare
    AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 exec afl-fuzz -t 10000 -m none \
      -i "$root/tests/Fuzz/corpus/${2:?a target}" -o "$work/afl/$2" -- "$program" afl "$2"
    ;;
  "" | -*) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; [[ ${1:-} == --help || ${1:-} == -h ]] || exit 2 ;;
  *) prepare; run "$1" "${2:-300}" ;;
esac
