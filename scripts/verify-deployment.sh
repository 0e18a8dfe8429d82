#!/usr/bin/env bash
# Verifies a running deployment, in nine steps: from the machine's tools to the containers' rights.
#
#   scripts/verify-deployment.sh [--verbose] [--json] [--since TIME]
#
#   --verbose     also what was seen where all is well, and the details of what is not
#   --json        one JSON document instead of text
#   --since TIME  which logs are looked at: 10m, 2h, or an instant (default 10m)
#
# A failed check does not end it: every check is made, and what failed is listed again at the end. Warnings do not fail it.
# Exit code 0 only if no check failed. Colours only on a terminal, and never with NO_COLOR.
# Nothing is changed: the test message of step 5 is removed, the write of step 8 is rolled back.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/compose.lib.sh
source scripts/compose.lib.sh

verbose=no json=no since=10m
while (($# > 0)); do
  case $1 in
    --verbose | -v) verbose=yes; shift ;;
    --json) json=yes; shift ;;
    --since) since=${2:?--since needs a time}; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) echo "Unknown option $1; see $0 --help" >&2; exit 2 ;;
  esac
done

# --- how findings are told ---------------------------------------------------------------------------------------------
green='' yellow='' red='' bold='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} && $json == no ]]; then
  green=$'\e[32m' yellow=$'\e[33m' red=$'\e[31m' bold=$'\e[1m' plain=$'\e[0m'
fi
step=0 passed=0 warned=0 failed=0
failures=() records=()

quoted() { printf '%s' "$1" | tr '\n\r\t' '   ' | tr -d '\000-\037' | sed 's/[\\"]/\\&/g'; }
tell() { [[ $json == yes ]] || printf '%s\n' "$*"; }
record() { records+=("{\"step\":$step,\"check\":\"$(quoted "$2")\",\"result\":\"$1\",\"detail\":\"$(quoted "${3:-}")\"}"); }
detail() {
  if [[ -n ${1:-} && $json == no ]]; then printf '%s\n' "$1" | head -n "${2:-20}" | sed 's/^/        /'; fi
}

begin() {
  step=$1
  tell ''
  tell "${bold}Step $1 of 9: $2${plain}"
}
pass() {
  passed=$((passed + 1))
  record pass "$@"
  tell "  ${green}ok${plain}    $1"
  [[ $verbose == no ]] || detail "${2:-}"
}
warn() {
  warned=$((warned + 1))
  record warning "$@"
  tell "  ${yellow}warn${plain}  $1"
  detail "${2:-}" 3
}
fail() {
  failed=$((failed + 1))
  failures+=("step $step: $1")
  record fail "$@"
  tell "  ${red}FAIL${plain}  $1"
  if [[ $verbose == yes ]]; then detail "${2:-}"; else detail "${2:-}" 3; fi
}

# check NAME COMMAND…: passes when the command does; its output is the detail.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then pass "$name" "$output"; else fail "$name" "$output"; fi
}
# Runs in a container of a service; says so when there is none.
inside() {
  local service=$1 container
  shift
  container=$(running "$service" | head -n 1)
  [[ -n $container ]] || { echo "$service does not run"; return 1; }
  docker exec "$container" "$@"
}
matches() { grep -qE -- "$1" <<<"$2"; }

# The settings as compose reads them, quotes and shell variables included.
declare -A settings=()
read_settings() {
  local name line
  # shellcheck disable=SC2016 # compose expands it
  while IFS= read -r line; do
    name=${line%%\"*}
    settings[$name]=$(sed 's/\$\$/$/g; s/\\"/"/g; s/\\\\/\\/g' <<<"${line#*: \"}")
  done < <({
    printf 'services:\n  s:\n    image: s\n    environment:\n'
    for name in POSTGRES_PASSWORD REDIS_PASSWORD SECRET_KEY API_WORKERS API_REPLICAS LOG_LEVEL DEBUG SMTP_HOSTNAME PUBLIC_URL \
      SMTP_RELAY SMTP_DELIVERY TAG HTTP_PORT HTTPS_PORT SMTP_PORT SUBMISSION_PORT SUBMISSIONS_PORT HTTP_BIND SMTP_BIND BACKUP_DIR; do printf '      %s: "${%s:-}"\n' "$name" "$name"; done
  } | COMPOSE_FILE='' docker compose --project-directory . -f - config --format json 2> /dev/null | sed -nE 's/^ *"([A-Z_]+": ".*)",?$/\1/p')
}
setting() { printf '%s' "${settings[$1]:-}"; }
# Where a published port answers: on the address that it is published on.
published_on() { local address; address=$(setting "$1"); if [[ -z $address || $address == 0.0.0.0 ]]; then echo 127.0.0.1; else echo "$address"; fi; }

services=(db redis smtp api frontend)

# --- 1 -----------------------------------------------------------------------------------------------------------------
step_prerequisites() {
  begin 1 "Prerequisites (Docker, Docker Compose)"
  check "docker is installed" command -v docker
  check "the docker engine answers" docker version --format '{{.Server.Version}}'
  local version tool
  version=$(docker compose version --short 2>/dev/null || echo 0)
  if printf '2.20\n%s\n' "${version#v}" | sort -VC; then pass "docker compose is 2.20 or newer" "$version"; else fail "docker compose is 2.20 or newer" "found: $version"; fi
  for tool in curl openssl; do check "$tool is installed" command -v "$tool"; done
  local free
  free=$(df --output=avail -m . | tail -n 1)
  if ((free >= 2048)); then pass "2 GB of disk are free here" "$free MB"; else fail "2 GB of disk are free here" "$free MB"; fi
}

# --- 2 -----------------------------------------------------------------------------------------------------------------
check_secret() {
  local value
  value=$(setting "$1")
  if [[ -z $value ]]; then fail "$1 is set" "generate one: openssl rand -base64 32"
  elif ((${#value} < 16)); then fail "$1 has 16 characters or more" "it has ${#value}"
  elif matches '(change|example|password|secret|placeholder|your)[-_ ]?(me|here|password|secret|key)?$' "${value,,}"; then fail "$1 is not a placeholder"
  else pass "$1 is set" "${#value} characters"; fi
}

step_environment() {
  begin 2 "Environment configuration"
  if [[ ! -f .env.production ]]; then
    fail ".env.production is there" "cp .env.production.template .env.production, and fill it in"
  else
    pass ".env.production is there"
    local mode
    mode=$(stat -Lc %a .env.production)
    if [[ $mode == ?00 ]]; then pass ".env.production is readable for its owner only"; else fail ".env.production is readable for its owner only" "mode $mode; chmod 600 .env.production"; fi
  fi
  if [[ $(readlink .env) == .env.production ]]; then pass "compose reads it as .env"; else fail "compose reads it as .env" "ln -sf .env.production .env"; fi
  local name value
  for name in POSTGRES_PASSWORD REDIS_PASSWORD SECRET_KEY; do check_secret "$name"; done
  if [[ -n $(setting POSTGRES_PASSWORD) && $(setting POSTGRES_PASSWORD) == "$(setting REDIS_PASSWORD)" ]]; then fail "the passwords differ from each other"; else pass "the passwords differ from each other"; fi
  value=$(setting API_WORKERS)
  if matches '^([1-9]|[1-5][0-9]|6[0-4])?$' "$value"; then pass "API_WORKERS is a number from 1 to 64" "${value:-4 (default)}"; else fail "API_WORKERS is a number from 1 to 64" "$value"; fi
  value=$(setting LOG_LEVEL)
  if matches '^(TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL)?$' "${value^^}"; then pass "LOG_LEVEL is one that is known" "${value:-INFO (default)}"; else fail "LOG_LEVEL is one that is known" "$value"; fi
  if [[ $(setting DEBUG) == true ]]; then warn "DEBUG is off" "it logs addresses"; else pass "DEBUG is off"; fi
  for name in SMTP_HOSTNAME PUBLIC_URL; do
    if [[ -n $(setting "$name") ]]; then pass "$name is set" "$(setting "$name")"; else warn "$name is set" "see .env.production.template"; fi
  done
  value=$(setting SMTP_DELIVERY)
  if [[ -z $value && -z $(setting SMTP_RELAY) ]]; then value=capture; fi
  if [[ ${value,,} == capture ]]; then warn "mail leaves this server" "SMTP_DELIVERY is capture: nothing is sent to anyone, and the oldest captured messages are deleted"; else pass "mail leaves this server"; fi
}

# --- 3 -----------------------------------------------------------------------------------------------------------------
step_compose() {
  begin 3 "Docker Compose configuration"
  local configuration service found
  if configuration=$(compose config 2>&1); then pass "$COMPOSE_FILE is valid"; else fail "$COMPOSE_FILE is valid" "$configuration"; return; fi
  found=$(compose config --services 2>/dev/null)
  for service in "${services[@]}"; do
    if grep -qxF "$service" <<<"$found"; then pass "service $service is defined"; else fail "service $service is defined"; fi
  done
  found=$(compose config --images 2>/dev/null)
  for service in postgres:16-alpine redis:7-alpine smtpy-smtp:$(setting_or TAG latest) smtpy-api:$(setting_or TAG latest) smtpy-frontend:$(setting_or TAG latest); do
    if matches "(^|/)${service//./\\.}$" "$found"; then pass "image $service is named"; else fail "image $service is named" "$found"; fi
  done
  if matches 'subnet: 172\.28\.0\.0/16' "$configuration"; then pass "the network is 172.28.0.0/16"; else fail "the network is 172.28.0.0/16"; fi
  found=$(grep -cE '^ {4}healthcheck:' <<<"$configuration")
  if ((found >= 5)); then pass "every service has a health check"; else fail "every service has a health check" "$found of 5"; fi
  found=$(grep -cE '^ {8}limits:' <<<"$configuration")
  if ((found >= 5)); then pass "every service has limits"; else fail "every service has limits" "$found of 5"; fi
}
setting_or() { local value; value=$(setting "$1"); echo "${value:-$2}"; }

# --- 4 -----------------------------------------------------------------------------------------------------------------
step_services() {
  begin 4 "Service status"
  local service container wanted count state restarts
  for service in "${services[@]}"; do
    wanted=1
    [[ $service != api ]] || wanted=$(setting_or API_REPLICAS 2)
    count=$(running "$service" | wc -l)
    if ((count >= wanted)); then pass "$service runs" "$count of $wanted"; else fail "$service runs" "$count of $wanted containers"; fi
    for container in $(running "$service"); do
      state=$(health_of "$container")
      if [[ $state == healthy ]]; then pass "$service ${container:0:12} is healthy"
      else fail "$service ${container:0:12} is healthy" "$state: $(docker inspect -f '{{with .State.Health}}{{range .Log}}{{.Output}}{{end}}{{end}}' "$container" | tail -n 3)"; fi
      restarts=$(docker inspect -f '{{.RestartCount}}' "$container")
      if ((restarts < 3)); then pass "$service ${container:0:12} stays up" "$restarts restarts"; else fail "$service ${container:0:12} stays up" "$restarts restarts"; fi
      if [[ $(docker inspect -f '{{.State.OOMKilled}}' "$container") == true ]]; then fail "$service ${container:0:12} has enough memory" "it was killed for using more than its limit"; fi
    done
  done
}

# --- 5 -----------------------------------------------------------------------------------------------------------------
smtp_greets() {
  local port=$1 line greeting='' offers=''
  exec 3<>"/dev/tcp/$smtp_host/$port" || return 1
  read -r -t 10 greeting <&3 || :
  printf 'EHLO verify.invalid\r\n' >&3
  while read -r -t 10 line <&3; do
    offers+=${line%$'\r'}' '
    [[ $line == 250-* ]] || break
  done
  printf 'QUIT\r\n' >&3
  exec 3>&-
  echo "$greeting | $offers"
  [[ $greeting == 220* && $offers == *STARTTLS* ]]
}

# TLS from the first octet. QUIT a moment later: who speaks before the greeting may be taken for a spammer.
smtps_greets() {
  local said
  said=$({ sleep 1; printf 'QUIT\r\n'; } | timeout 10 openssl s_client -quiet -connect "$smtp_host:$1" 2>&1 || :)
  grep -m 1 '^220' <<<"$said" || { tail -n 2 <<<"$said"; return 1; }
}

# Where a second compose file takes their ports away, nobody is meant to come.
check_submission() {
  local configuration starttls tls
  starttls=$(setting_or SUBMISSION_PORT 587) tls=$(setting_or SUBMISSIONS_PORT 465)
  configuration=$(compose config 2> /dev/null || :)
  if matches 'target: 1587$' "$configuration"; then check "port $starttls (SUBMISSION_PORT=$starttls) greets, and offers STARTTLS" smtp_greets "$starttls"; fi
  if matches 'target: 1465$' "$configuration"; then check "port $tls (SUBMISSIONS_PORT=$tls) speaks TLS, and greets" smtps_greets "$tls"; fi
}

certificate_lasts() {
  echo | timeout 10 openssl s_client -connect "$web_host:$1" -servername "$2" 2>/dev/null |
    openssl x509 -noout -checkend 1209600 -subject -enddate
}

replica_is_ready() { docker exec "$1" /app/smtpy health --url http://127.0.0.1:8000/health/ready; }

step_endpoints() {
  begin 5 "Service endpoints"
  local http https smtp answer container host
  http=$(setting_or HTTP_PORT 80) https=$(setting_or HTTPS_PORT 443) smtp=$(setting_or SMTP_PORT 25)
  host=$(setting PUBLIC_URL) && host=${host#*://} && host=${host%%[:/]*}
  answer=$(curl -sS -m 10 -o /dev/null -w '%{http_code} %{redirect_url}' "http://$web_host:$http/" 2>&1 || :)
  if [[ $answer == "308 https://$web_host$([[ $https == 443 ]] || echo ":$https")/" ]]; then pass "port $http leads to https"; else fail "port $http leads to https" "$answer"; fi
  answer=$(curl -skS -m 10 -w ' %{http_code} HTTP/%{http_version}' "https://$web_host:$https/health" 2>&1 || :)
  if matches ' 200 HTTP/2$' "$answer"; then pass "/health is healthy through the frontend, over HTTP/2" "$answer"; else fail "/health is healthy through the frontend, over HTTP/2" "$answer"; fi
  if matches '"degraded"' "$answer"; then warn "nothing is degraded" "$answer"; fi
  for container in $(running api); do check "api ${container:0:12} is ready" replica_is_ready "$container"; done
  local used
  used=$(inside frontend /usr/local/bin/frontend.sh replicas 2>/dev/null | wc -l || :)
  if ((used > 0 && used == $(running api | wc -l))); then pass "the frontend uses every api replica" "$used"; else fail "the frontend uses every api replica" "$used of $(running api | wc -l)"; fi
  check "the certificate is valid for two weeks or more" certificate_lasts "$https" "${host:-localhost}"
  check "port $smtp greets, and offers STARTTLS" smtp_greets "$smtp"
  answer=$(echo | timeout 10 openssl s_client -connect "$smtp_host:$smtp" -starttls smtp 2>&1 | grep -E '^ *(New|Protocol|Cipher)' || :)
  if matches 'TLSv1\.[23]' "$answer"; then pass "port $smtp speaks TLS" "$answer"; else fail "port $smtp speaks TLS" "$answer"; fi
  check_submission
  check "a message goes in by SMTP and comes out again" inside smtp /app/smtpy selftest
  # shellcheck disable=SC2016 # expands in the container
  check "redis answers" inside redis sh -c 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping | grep -x PONG'
  # shellcheck disable=SC2016
  check "the database answers" inside db sh -c 'pg_isready -h 127.0.0.1 -U "$POSTGRES_USER" -d "$POSTGRES_DB"'
}

# --- 6 -----------------------------------------------------------------------------------------------------------------
step_resources() {
  begin 6 "Resource usage"
  local service container line memory percent used
  for service in "${services[@]}"; do
    for container in $(running "$service"); do
      line=$(docker stats --no-stream --format '{{.MemPerc}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}' "$container" 2>&1)
      percent=${line%%.*}
      memory=$(docker inspect -f '{{.HostConfig.Memory}}' "$container")
      if [[ ! $percent =~ ^[0-9]+$ ]]; then fail "$service ${container:0:12}: memory can be read" "$line"
      elif ((memory == 0)); then fail "$service ${container:0:12} has a memory limit"
      elif ((percent >= 90)); then fail "$service ${container:0:12} uses less than 90 % of its memory" "$line"
      elif ((percent >= 75)); then warn "$service ${container:0:12} uses less than 75 % of its memory" "$line"
      else pass "$service ${container:0:12}: memory, processor" "$line"; fi
    done
  done
  used=$(inside db df -P /var/lib/postgresql/data 2>/dev/null | awk 'NR == 2 { print int($5) }' || :)
  if [[ -z $used ]]; then fail "the database's disk can be read"
  elif ((used >= 95)); then fail "the database's disk is less than 95 % full" "$used %"
  elif ((used >= 85)); then warn "the database's disk is less than 85 % full" "$used %"
  else pass "the database's disk has room" "$used % used"; fi
}

# --- 7 -----------------------------------------------------------------------------------------------------------------
step_logs() {
  begin 7 "Logs of the last $since"
  local service container lines driver
  local -A bad=(
    [db]='(PANIC|FATAL|ERROR):' [redis]='# .*([Ee]rror|Failed|MISCONF|Can.t)|Out Of Memory'
    [smtp]='"@l":"(Error|Fatal)"|^smtpy: ' [api]='"@l":"(Error|Fatal)"|^smtpy: ' [frontend]='\[(crit|alert|emerg)\]|not reloaded'
  )
  for service in "${services[@]}"; do
    for container in $(running "$service"); do
      # A client that comes while the database starts or stops is told so, and an empty one is asked for its schema: no errors of it.
      lines=$(docker logs --since "$since" "$container" 2>&1 | grep -E "${bad[$service]}" | grep -vE 'the database system is (starting up|shutting down)|terminating connection due to administrator|relation "(__EFMigrationsHistory|schema_compatibility)" does not exist|user "smtpy_verify"' || :)
      if [[ -z $lines ]]; then pass "$service ${container:0:12} logged no errors"; else fail "$service ${container:0:12} logged no errors" "$(wc -l <<<"$lines") lines, the last: $(tail -n 3 <<<"$lines" | cut -c1-300)"; fi
      driver=$(docker inspect -f '{{.HostConfig.LogConfig.Type}} {{index .HostConfig.LogConfig.Config "max-size"}} {{index .HostConfig.LogConfig.Config "max-file"}}' "$container")
      if [[ $driver == "json-file 10m 3" ]]; then pass "$service ${container:0:12} rotates its log"; else fail "$service ${container:0:12} rotates its log" "$driver"; fi
    done
  done
}

# --- 8 -----------------------------------------------------------------------------------------------------------------
# shellcheck disable=SC2016 # expands in the container
sql() { inside db sh -c 'psql -XAtq -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "$1"' sql "$1"; }

step_database() {
  begin 8 "Database operations"
  local answer newest folder
  check "a query is answered" sql 'select version()'
  answer=$(sql 'begin; create table smtpy_verify (n int); insert into smtpy_verify values (42); select n from smtpy_verify; rollback;' 2>&1 || :)
  if [[ $answer == 42 ]]; then pass "a write is taken (and rolled back)"; else fail "a write is taken (and rolled back)" "$answer"; fi
  answer=$(sql "select count(*) from pg_tables where schemaname = 'public'" 2>&1 || :)
  if [[ $answer =~ ^[0-9]+$ ]] && ((answer > 0)); then pass "the schema is there" "$answer tables"; else fail "the schema is there" "$answer tables"; fi
  check "the schema is this release's" inside api /app/smtpy health --url http://127.0.0.1:8000/health/ready
  answer=$(sql "select current_setting('synchronous_commit') || ' ' || current_setting('fsync') || ' ' || current_setting('full_page_writes')" 2>&1 || :)
  if [[ $answer == "on on on" ]]; then pass "what is committed is on disk"; else fail "what is committed is on disk" "synchronous_commit, fsync, full_page_writes: $answer"; fi
  answer=$(sql "select 100 * count(*) / current_setting('max_connections')::int from pg_stat_activity" 2>&1 || :)
  if [[ $answer =~ ^[0-9]+$ ]] && ((answer < 80)); then pass "fewer than 80 % of the connections are taken" "$answer %"; else fail "fewer than 80 % of the connections are taken" "$answer"; fi
  folder=$(setting_or BACKUP_DIR ./backups)
  newest=$(find "$folder" -maxdepth 1 -name 'smtpy-*.dump*' -not -name '*.sha256' -mmin -2880 -printf x 2>/dev/null || :)
  if [[ -n $newest ]]; then pass "there is a backup of the last two days"; else warn "there is a backup of the last two days" "scripts/backup.sh makes one; $folder has none"; fi
}

# --- 9 -----------------------------------------------------------------------------------------------------------------
# Of all processes in a container, as numbers. docker top needs ps on the host; without it the host's /proc tells of the first one.
uids_of() {
  local pid
  if docker top "$1" -eo pid,uid 2>/dev/null | awk 'NR > 1 { print $2; n++ } END { exit n == 0 }'; then return; fi
  pid=$(docker inspect -f '{{.State.Pid}}' "$1")
  stat -c %u "/proc/$pid" 2>/dev/null
}

step_security() {
  begin 9 "Security"
  local service container answer user
  for service in "${services[@]}"; do
    for container in $(running "$service"); do
      user=$(uids_of "$container" | sort -u | tr '\n' ' ')
      if [[ -n $user && " $user" != *" 0 "* ]]; then pass "$service ${container:0:12} runs as an ordinary user" "uid $user"; else fail "$service ${container:0:12} runs as an ordinary user" "uid ${user:-unknown}"; fi
      answer=$(docker inspect -f '{{.HostConfig.Privileged}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}' "$container")
      if [[ $answer == "false true [ALL] [no-new-privileges:true]" ]]; then pass "$service ${container:0:12} is confined"; else fail "$service ${container:0:12} is confined" "privileged, read-only, dropped, options: $answer"; fi
    done
  done
  for service in db redis; do
    answer=$(for container in $(running "$service"); do docker inspect -f '{{range $p, $b := .NetworkSettings.Ports}}{{range $b}}{{.HostPort}} {{end}}{{end}}' "$container"; done | tr -d ' \n')
    if [[ -z $answer ]]; then pass "$service has no published port"; else fail "$service has no published port" "published: $answer"; fi
    answer=$(for container in $(running "$service"); do docker inspect -f '{{range $n, $v := .NetworkSettings.Networks}}{{$n}} {{end}}' "$container"; done | tr -s ' \n' ' ')
    if [[ ${answer% } == "$(project)_data" ]]; then pass "$service is in the inner network only"; else fail "$service is in the inner network only" "$answer"; fi
  done
  answer=$(docker network inspect -f '{{.Internal}}' "$(project)_data" 2>&1 || :)
  if [[ $answer == true ]]; then pass "the inner network has no way out"; else fail "the inner network has no way out" "$answer"; fi
  answer=$(inside redis redis-cli ping 2>&1 || :)
  if matches 'NOAUTH' "$answer"; then pass "redis asks for its password"; else fail "redis asks for its password" "$answer"; fi
  # shellcheck disable=SC2016
  answer=$(inside db sh -c 'PGPASSWORD=wrong-on-purpose psql -h "$(hostname -i | cut -d" " -f1)" -U smtpy_verify -d "$POSTGRES_DB" -c "select 1"' 2>&1 || :)
  if matches 'authentication failed' "$answer"; then pass "the database refuses a wrong password"; else fail "the database refuses a wrong password" "$answer"; fi
  step_security_secrets
  step_security_headers
}

# Not as an argument, which every user of this machine could read; and to the end of its input, which else would fail the pipe.
holds() { grep -cF -f <(printf '%s\n' "$1") > /dev/null; }

step_security_secrets() {
  local name value container found=''
  for name in POSTGRES_PASSWORD REDIS_PASSWORD SECRET_KEY; do
    value=$(setting "$name")
    [[ -n $value ]] || continue
    for container in $(for service in "${services[@]}"; do running "$service"; done); do
      if docker inspect -f '{{json .Config.Cmd}}{{json .Config.Entrypoint}}{{json .Config.Healthcheck}}{{json .Config.Labels}}' "$container" | holds "$value" ||
        docker logs --since "$since" "$container" 2>&1 | holds "$value"; then found+="$name in ${container:0:12} "; fi
    done
  done
  if [[ -z $found ]]; then pass "no secret stands in a command line, a health check or a log"; else fail "no secret stands in a command line, a health check or a log" "$found"; fi
  if [[ -z $(git ls-files .env.production 2>/dev/null) ]]; then pass ".env.production is not in version control"; else fail ".env.production is not in version control"; fi
}

step_security_headers() {
  local answer https missing='' header
  https=$(setting_or HTTPS_PORT 443)
  answer=$(curl -skS -m 10 -D - -o /dev/null "https://$web_host:$https/frontend/health" 2>&1 | tr -d '\r' || :)
  for header in strict-transport-security content-security-policy x-content-type-options x-frame-options referrer-policy; do
    grep -qi "^$header: ." <<<"$answer" || missing+="$header "
  done
  if [[ -z $missing ]]; then pass "answers carry the security headers"; else fail "answers carry the security headers" "missing: $missing"; fi
  if matches '^server: nginx$' "$answer"; then pass "the frontend does not tell its version"; else fail "the frontend does not tell its version" "$(grep -i '^server' <<<"$answer" || echo 'no answer')"; fi
  answer=$(curl -skS -m 10 -o /dev/null -w '%{http_code}' "https://$web_host:$https/metrics" 2>&1 || :)
  if [[ $answer == 404 ]]; then pass "metrics are not public"; else fail "metrics are not public" "$answer"; fi
  answer=$(echo | timeout 10 openssl s_client -connect "$web_host:$https" -tls1_1 2>&1 || :)
  if matches 'BEGIN CERTIFICATE' "$answer"; then fail "TLS 1.1 is refused"; else pass "TLS 1.1 is refused"; fi
  answer=$(echo | timeout 10 openssl s_client -connect "$web_host:$https" 2>/dev/null | openssl x509 -noout -issuer -subject 2>/dev/null | sed 's/^[a-z]*= *//' | sort -u | wc -l || :)
  if ((answer > 1)); then pass "the certificate is issued by an authority"; else warn "the certificate is issued by an authority" "it is self-signed; browsers will warn"; fi
}

finish() {
  if [[ $json == yes ]]; then
    printf '{"ok":%s,"passed":%d,"warnings":%d,"failed":%d,"checks":[%s]}\n' "$( ((failed == 0)) && echo true || echo false)" \
      "$passed" "$warned" "$failed" "$(IFS=,; echo "${records[*]}")"
  else
    tell ''
    tell "${bold}$passed passed, $warned warnings, $failed failed${plain}"
    ((failed == 0)) || printf "  ${red}FAIL${plain}  %s\n" "${failures[@]}"
  fi
  ((failed == 0))
}

read_settings || :
project_name=$(project 2> /dev/null) || :
web_host=$(published_on HTTP_BIND) smtp_host=$(published_on SMTP_BIND)
# "|| :" so that nothing that goes wrong inside a step ends the script: what is not found out fails its own check.
step_prerequisites || :
step_environment || :
step_compose || :
step_services || :
step_endpoints || :
step_resources || :
step_logs || :
step_database || :
step_security || :
finish
