#!/usr/bin/env bash
# Installs the Debian packages that the tests need and are missing, builds everything once, runs the tests.
#
#   scripts/test.sh [--quick] [--no-build] [--jobs N] [PROJECT…]
#   scripts/test.sh --packages
#
#   PROJECT     folder under tests/, e.g. Mail.Tests; all of them when none is named
#   --quick     leaves out the slow tests (trait speed=slow): a first answer within a minute
#   --no-build  runs what was built last
#   --jobs N    so many side by side (default: processors and one, or 1 where there is one processor or one project). Each prints
#               its output when it is done; EndToEnd comes in five parts. Tests wait a lot: for servers, for retries, for the disk
#   --packages  only installs the Debian packages
#
# SMTPY_KILL_ROUNDS   how often the kill test kills the server (default 10; CI takes 50; a fifth of it with PostgreSQL)
#
# The last line is "N passed, N failed" over all projects; the exit code is 0 only if nothing failed, something was run,
# and every skipped test says why.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
quick=no
build=yes
only_packages=no
jobs=
projects=()
while (($# > 0)); do
  argument=$1
  shift
  case $argument in
    --quick) quick=yes ;;
    --no-build) build=no ;;
    --packages) only_packages=yes ;;
    --jobs) jobs=${1:?--jobs needs a number}; shift ;;
    -h | --help) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    -*) echo "Unknown option $argument; see $0 --help" >&2; exit 2 ;;
    *) projects+=("$(basename "$argument")") ;;
  esac
done
if [[ ${#projects[@]} -eq 0 ]]; then
  # The quick ones while the program is published; then those that take minutes, the longest first.
  for folder in "$root"/tests/*/; do
    name=$(basename "$folder")
    # Deployment needs a container engine: scripts/test-deployment.sh.
    if grep -qs 'Include="xunit.v3"' "$folder"/*.csproj && [[ $name != Deployment && $name != EndToEnd && $name != Core.Tests && $name != Api.Tests ]]; then
      projects+=("$name")
    fi
  done
  projects+=(Core.Tests Api.Tests EndToEnd)
fi

"$root/scripts/install-packages.sh" postfix swaks libnet-ssleay-perl python3 util-linux e2fsprogs chromium postgresql redis-server gnupg openssl python3-dkim python3-authres python3-nacl python3-dnspython nsd opendkim rspamd
[[ $only_packages == no ]] || exit 0

if [[ -z $jobs ]]; then
  jobs=$(($(nproc) + 1))
  if (($(nproc) == 1)) || [[ ${#projects[@]} -eq 1 && ${projects[0]} != EndToEnd ]]; then
    jobs=1
  fi
fi

if [[ $build == yes ]]; then
  echo "Building (Release) …"
  if ! output=$(dotnet build "$root/Smtpy.slnx" -c Release -v quiet -nologo 2>&1); then
    printf '%s\n' "$output" | sort -u
    echo "The build failed." >&2
    echo "0 passed, 1 failed"
    exit 1
  fi
fi

results=$root/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
# Compiling with a profile pays for what runs long; tests, and the hundreds of admin commands that they start, do not.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_TieredPGO=0

# Background jobs do not hear of Ctrl-C.
stop_all() {
  local job
  for job in $(jobs -p); do
    pkill -TERM -P "$job" || :
    kill "$job" 2>/dev/null || :
  done
  exit 130
}
trap stop_all INT TERM

# Starts a command as soon as fewer than $jobs run.
begin() {
  while (($(jobs -pr | wc -l) >= jobs)); do wait -n || :; done
  "$@" &
}

# run LABEL PROJECT ARGUMENT…: output goes through whole when the program is done, or at once where it is the only one.
run() {
  local label=$1 name=$2 project program code=0 log
  shift 2
  project=$(echo "$root/tests/$name"/*.csproj)
  program=$root/tests/$name/bin/Release/net10.0/$(basename "$project" .csproj)
  if [[ ! -x $program ]]; then
    echo "$label: $program was not built" | tee "$results/$label.missing"
    return
  fi
  local arguments=(--report-xunit-xml --report-xunit-xml-filename "$label.xml" --results-directory "$results" --no-ansi --progress off --show-stdout all "$@")
  if [[ $quick == yes ]]; then
    arguments+=(--filter-not-trait "speed=slow")
  fi
  cd "$root/tests/$name"
  if ((jobs == 1)); then
    printf '\n── %s\n' "$label"
    "$program" "${arguments[@]}" || code=$?
  else
    log=$results/$label.log
    "$program" "${arguments[@]}" > "$log" 2>&1 || code=$?
    { flock 9; printf '\n── %s\n' "$label"; cat "$log"; } 9> "$results/.printing"
  fi
  echo "$code" > "$results/$label.exit"
}

# Compiled ahead, as it is installed: the end-to-end tests start hundreds of admin commands, each of which then takes half the time.
publish() {
  dotnet publish "$root/back/server" -c Release --use-current-runtime --no-self-contained --no-restore -o "$root/artifacts/smtpy" -v quiet -nologo > "$results/publish.log" 2>&1 ||
    { cat "$results/publish.log"; echo "publishing the program failed" > "$results/publish.missing"; }
}

publishing=
published=${SMTPY_EXECUTABLE:-}
needs_program() { [[ $1 == Api.Tests || $1 == EndToEnd ]]; }
if [[ $quick == no && -z $published ]]; then
  for name in "${projects[@]}"; do
    if needs_program "$name"; then
      echo "Publishing, meanwhile …"
      begin publish
      publishing=$!
      published=$root/artifacts/smtpy/smtpy
      break
    fi
  done
fi

# Waits for the program; that it failed is said by a file of its own.
await_program() {
  [[ -z $publishing ]] || wait "$publishing" || :
  publishing=
  [[ -z $published ]] || export SMTPY_EXECUTABLE=$published
}

for name in "${projects[@]}"; do
  if needs_program "$name"; then
    await_program
  fi
  if [[ $name != EndToEnd ]]; then
    begin run "$name" "$name"
  elif ((jobs == 1)) || [[ $quick == yes ]]; then
    begin run EndToEnd EndToEnd
  else
    # The longest first. What nobody has put into another part is in the last one.
    begin run EndToEnd-operation EndToEnd --filter-namespace '*.Operation'
    begin run EndToEnd-kill EndToEnd --filter-class '*.KillTest'
    begin run EndToEnd-correspondence EndToEnd --filter-namespace '*.Correspondence'
    begin run EndToEnd-hostile EndToEnd --filter-namespace '*.Hostile' '*.Promise' --filter-not-class '*.KillTest'
    begin run EndToEnd EndToEnd --filter-not-namespace '*.Operation' '*.Correspondence' '*.Hostile' '*.Promise'
  fi
done
wait

echo
exec python3 "$root/scripts/sum-test-results.py" "$results"
