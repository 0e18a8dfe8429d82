#!/usr/bin/env bash
# Installs the Debian packages that the tests need and are missing, builds everything once, runs the tests.
#
#   scripts/test.sh [--quick] [--no-build] [PROJECT…]
#
#   PROJECT     folder under tests/, e.g. Mail.Tests; all of them when none is named
#   --quick     leaves out the slow tests (trait speed=slow): a first answer within a minute
#   --no-build  runs what was built last
#
# SMTPY_KILL_ROUNDS   how often the kill test kills the server (default 10; CI takes 50; a fifth of it with PostgreSQL)
#
# The last line is "N passed, N failed" over all projects; the exit code is 0 only if nothing failed, something was run,
# and every skipped test says why.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
quick=no
build=yes
projects=()
for argument in "$@"; do
  case $argument in
    --quick) quick=yes ;;
    --no-build) build=no ;;
    -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) echo "Unknown option $argument; see $0 --help" >&2; exit 2 ;;
    *) projects+=("$(basename "$argument")") ;;
  esac
done
if [[ ${#projects[@]} -eq 0 ]]; then
  # Quick ones first; EndToEnd, which takes minutes, last.
  for folder in "$root"/tests/*/; do
    name=$(basename "$folder")
    # Deployment needs a container engine: scripts/test-deployment.sh.
    if grep -qs 'Include="xunit.v3"' "$folder"/*.csproj && [[ $name != EndToEnd && $name != Deployment ]]; then
      projects+=("$name")
    fi
  done
  projects+=(EndToEnd)
fi

"$root/scripts/install-packages.sh" postfix swaks python3 util-linux e2fsprogs chromium postgresql redis-server

if [[ $build == yes ]]; then
  echo "Building (Release) …"
  if ! output=$(dotnet build "$root/Smtpy.slnx" -c Release -v quiet -nologo 2>&1); then
    printf '%s\n' "$output" | sort -u
    echo "The build failed." >&2
    echo "0 passed, 1 failed"
    exit 1
  fi
fi

if [[ $quick == no && -z ${SMTPY_EXECUTABLE:-} && " ${projects[*]} " == *" EndToEnd "* ]]; then
  # Compiled ahead, as it is installed: these tests start hundreds of admin commands, each of which then takes half the time.
  echo "Publishing …"
  dotnet publish "$root/back/server" -c Release --use-current-runtime --no-self-contained -o "$root/artifacts/smtpy" -v quiet -nologo
  export SMTPY_EXECUTABLE=$root/artifacts/smtpy/smtpy
fi

results=$root/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
export DOTNET_CLI_TELEMETRY_OPTOUT=1
for name in "${projects[@]}"; do
  project=$(echo "$root/tests/$name"/*.csproj)
  program=$root/tests/$name/bin/Release/net10.0/$(basename "$project" .csproj)
  if [[ ! -x $program ]]; then
    echo "$name: $program was not built" | tee "$results/$name.missing"
    continue
  fi
  arguments=(--report-xunit-xml --report-xunit-xml-filename "$name.xml" --results-directory "$results" --no-ansi --progress off --show-stdout all)
  if [[ $quick == yes ]]; then
    arguments+=(--filter-not-trait "speed=slow")
  fi
  echo
  echo "── $name"
  code=0
  (cd "$root/tests/$name" && "$program" "${arguments[@]}") || code=$?
  echo "$code" > "$results/$name.exit"
done

echo
exec python3 "$root/scripts/sum-test-results.py" "$results"
