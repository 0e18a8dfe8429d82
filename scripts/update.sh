#!/usr/bin/env bash
# Brings a running deployment to another release, newer or older, without a failed request and without a lost message.
#
#   scripts/update.sh [--no-pull] [--no-backup] [--frontend] [--no-save] [TAG]
#
#   TAG          the release (default: the variable TAG, or the one in .env.production, or latest)
#   --no-pull    do not pull; the images are on this machine (implied while DOCKER_REGISTRY is empty)
#   --no-backup  do not back up the database first (scripts/backup.sh, with BACKUP_DIR and BACKUP_KEY_FILE; no older one is removed)
#   --frontend   recreate the frontend even if its content is the same
#   --no-save    do not write TAG into .env.production (then the next "up -d" goes back to what is written there)
#
# API replicas: a new one is started beside the old ones; when it is healthy and the frontend uses it, an old one is taken out
# of the frontend, finishes its requests and goes; and so on. If a new one does not become healthy it is removed and the old ones
# stay. The smtp service is stopped in good order and started anew: for some seconds port 25 refuses connections, which every
# mail server answers by trying again. The frontend is recreated only where its content changed, for which its ports close for
# about a second. The database and Redis are not touched. Where the new smtp or frontend does not become healthy, the release that
# ran is put back, in all three services, and the exit code is not 0.
#
# Databases are migrated by the first new replica. Migrations only add what the release before does not need to know, so the
# release before works on the new schema: an older TAG is given in the same way.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/compose.lib.sh
source scripts/compose.lib.sh

pull=yes backup=yes frontend=changed save=yes tag=''
for argument in "$@"; do
  case $argument in
    --no-pull) pull=no ;;
    --no-backup) backup=no ;;
    --frontend) frontend=yes ;;
    --no-save) save=no ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "Unknown option $argument; see $0 --help" >&2; exit 2 ;;
    *) [[ -z $tag ]] || die "one TAG, not two"; tag=$argument ;;
  esac
done
[[ -z $tag ]] || export TAG=$tag

# How long a replica may take to become healthy (migrations!), and the frontend to notice it.
patience=${UPDATE_PATIENCE:-180}
notice=30

project > /dev/null
step() { printf '%(%H:%M:%S)T  %s\n' -1 "$*"; }

declare -A reference
while read -r image; do
  case $image in
    *smtpy-api:*) reference[api]=$image ;;
    *smtpy-smtp:*) reference[smtp]=$image ;;
    *smtpy-frontend:*) reference[frontend]=$image ;;
  esac
done < <(compose config --images)

fetch() {
  if [[ $pull == yes && ${reference[api]} == */* ]]; then
    step "pulling"
    compose pull --quiet api smtp frontend
  fi
  local service
  for service in api smtp frontend; do
    docker image inspect "${reference[$service]}" > /dev/null 2>&1 || die "the image ${reference[$service]} is not here. Nothing was changed."
  done
}

image_of() { docker inspect -f '{{.Image}}' "$1"; }
wanted() { docker image inspect -f '{{.Id}}' "${reference[$1]}"; }
layers() { docker image inspect -f '{{json .RootFS.Layers}}{{json .Config.Entrypoint}}{{json .Config.Cmd}}{{json .Config.Env}}' "$1"; }
address() { docker inspect -f "{{(index .NetworkSettings.Networks \"$(project)_public\").IPAddress}}" "$1"; }

# used_by_frontend yes|no IP: waits until it is so.
used_by_frontend() {
  local deadline=$((SECONDS + notice)) is
  while ((SECONDS < deadline)); do
    is=no
    if docker exec "$(running frontend)" /usr/local/bin/frontend.sh replicas | grep -qxF "$2"; then is=yes; fi
    [[ $is != "$1" ]] || return 0
    sleep 0.3
  done
  return 1
}

in_frontend() {
  local container
  container=$(running frontend)
  [[ -z $container ]] || docker exec "$container" /usr/local/bin/frontend.sh "$@"
}

remove() {
  docker stop --time 60 "$1" > /dev/null
  docker rm "$1" > /dev/null
}

retire() {
  local ip
  ip=$(address "$1")
  # Whatever ends this script: the address may be another container's soon.
  # shellcheck disable=SC2064 # this replica's address, as it is now
  trap "in_frontend undrain '$ip'" EXIT
  in_frontend drain "$ip"
  if [[ -n $(running frontend) ]]; then
    used_by_frontend no "$ip" || die "the frontend does not let go of $ip; the replica stays. Run this again."
    # Requests that nginx had handed over before the reload are finished by the replica itself, which SIGTERM asks to.
    sleep 1
  fi
  remove "$1"
  in_frontend undrain "$ip"
  trap - EXIT
}

roll_api() {
  local old=() count container fresh
  for container in $(running api); do
    if [[ $(image_of "$container") != "$(wanted api)" ]]; then old+=("$container"); fi
  done
  count=$(running api | wc -l)
  if ((${#old[@]} == 0)); then
    step "api: all $count replicas run ${reference[api]} already"
    return
  fi
  for container in "${old[@]}"; do
    local before
    before=$(running api)
    compose up --detach --no-recreate --no-build --scale "api=$((count + 1))" api > /dev/null 2>&1 || die "no new replica could be made; the old ones go on"
    fresh=$(comm -13 <(sort <<<"$before") <(running api | sort))
    [[ $(wc -w <<<"$fresh") == 1 ]] || die "expected one new replica, found: ${fresh:-none}; the old ones go on"
    if ! wait_healthy "$fresh" "$patience" || { [[ -n $(running frontend) ]] && ! used_by_frontend yes "$(address "$fresh")"; }; then
      docker logs --tail 20 "$fresh" >&2 || :
      remove "$fresh"
      die "the new replica did not become healthy and was removed; the old ones go on"
    fi
    retire "$container"
    step "api: ${container:0:12} replaced by ${fresh:0:12}"
  done
}

# Gone first, then made by a plain "up" that leaves all others as they are. What --no-deps makes has another configuration in the eyes
# of the next plain "up", which would recreate it.
recreate() {
  local old scale=()
  step "$1: recreating"
  for old in $(made "$1"); do remove "$old"; done
  if [[ $1 == frontend ]]; then scale=(--scale "api=$(running api | wc -l)"); fi
  compose up --detach --no-recreate --no-build "${scale[@]}" "$1" > /dev/null 2>&1 && wait_healthy "$(running "$1")" "$patience" && step "$1: healthy"
}

replace_one() { recreate "$1" || put_back "$1"; }

# What ran before this began: the way back. Of a service that did not run there is none.
declare -A ran=() ran_image=()
note_what_runs() {
  local service container
  for service in api smtp frontend; do
    container=$(running "$service" | head -n 1)
    [[ -n $container ]] || continue
    ran[$service]=$(docker inspect -f '{{.Config.Image}}' "$container")
    ran_image[$service]=$(image_of "$container")
  done
}

# From here on compose means, by this service, what ran.
mean_what_ran() {
  # A tag that a pull or a build has moved is moved back.
  docker tag "${ran_image[$1]}" "${ran[$1]}"
  reference[$1]=${ran[$1]}
  export TAG=${ran[$1]##*:} DOCKER_REGISTRY=${ran[$1]%"smtpy-$1:"*}
}

# What failed first, because its ports are closed; then the others, so that one release runs as before.
put_back() {
  local failed=$1 service
  compose logs --no-log-prefix --tail 20 "$failed" >&2 || :
  [[ ${ran[$failed]:-} == *"smtpy-$failed:"* ]] || die "the new $failed did not become healthy, and none ran before that could be put back: docker compose logs $failed"
  step "$failed: not healthy, putting ${ran[$failed]} back"
  mean_what_ran "$failed"
  recreate "$failed" || die "neither the new $failed nor ${ran[$failed]} became healthy: docker compose logs $failed"
  for service in smtp api; do
    [[ $service != "$failed" && ${ran[$service]:-} == *"smtpy-$service:"* ]] || continue
    mean_what_ran "$service"
    if [[ $service == api ]]; then
      roll_api
    elif [[ $(image_of "$(running smtp)") != "$(wanted smtp)" ]]; then
      recreate smtp || die "$failed is put back, but smtp is not: docker compose logs smtp"
    fi
  done
  die "the new $failed did not become healthy; the release before runs again: ${ran[$failed]}"
}

update_smtp() {
  if [[ -n $(running smtp) && $(image_of "$(running smtp)") == "$(wanted smtp)" ]]; then
    step "smtp: runs ${reference[smtp]} already"
  else
    replace_one smtp
  fi
}

update_frontend() {
  local container
  container=$(running frontend)
  if [[ $frontend == changed && -n $container && $(layers "$(image_of "$container")") == "$(layers "${reference[frontend]}")" ]]; then
    step "frontend: its content is the same, it goes on"
  else
    replace_one frontend
  fi
}

remember() {
  [[ $save == yes && -n $tag && -f .env.production ]] || return 0
  if grep -q '^TAG=' .env.production; then
    sed -i "s|^TAG=.*|TAG=$tag|" .env.production
  else
    printf '\nTAG=%s\n' "$tag" >> .env.production
  fi
}

exec 8> .update.lock
flock --nonblock 8 || die "another update is under way"
fetch
note_what_runs
[[ -n $(running api) ]] || die "nothing runs: docker compose -f $COMPOSE_FILE up -d"
if [[ $backup == yes ]]; then
  step "backing up the database"
  # None goes for it: how many are kept is for those to say who make them regularly.
  scripts/backup.sh --quiet --keep 0
fi
roll_api
update_smtp
update_frontend
remember
step "done: ${reference[api]}"
