# shellcheck shell=bash
# What the deployment scripts have in common; sourced by them, from the root of the repository.

# COMPOSE_FILE may name another one, or several (test set-ups add one).
compose_file=${COMPOSE_FILE:-docker-compose.prod.yml}
export COMPOSE_FILE=$compose_file

die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

usage() { sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"; }

compose() { docker compose "$@"; }

# setting NAME: the shell's, else as written in .env.production; else nothing. An empty value counts as not set.
setting() {
  if [[ -n ${!1:-} ]]; then
    echo "${!1}"
  elif [[ -r .env.production ]]; then
    sed -nE "s/^$1=['\"]?([^'\"#]*[^'\"# ])['\"]?( +#.*)?\$/\1/p" .env.production | tail -n 1
  fi
}

# The containers of a service, whether they run or not.
made() { docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$(project)" --filter "label=com.docker.compose.service=$1"; }

# The containers of a service that run, oldest first.
running() { docker ps --no-trunc --filter "label=com.docker.compose.project=$(project)" --filter "label=com.docker.compose.service=$1" --format '{{.CreatedAt}} {{.ID}}' | sort | awk '{ print $NF }'; }

# Compose takes a third of a second to say it, so a script asks in its own shell at first: what $(…) finds out is gone after it.
project() {
  if [[ -z ${project_name:-} ]]; then
    project_name=$(compose config --format json | sed -nE 's/^  "name": "([^"]*)",?$/\1/p') || :
    [[ -n $project_name ]] || die "the compose configuration cannot be read$([[ -f .env.production ]] || echo ": there is no $PWD/.env.production"). Nothing was changed."
  fi
  echo "$project_name"
}

health_of() { docker inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$1" 2>/dev/null || echo gone; }

# wait_healthy CONTAINER SECONDS
wait_healthy() {
  local deadline=$((SECONDS + $2)) state
  while ((SECONDS < deadline)); do
    state=$(health_of "$1")
    case $state in
      healthy) return 0 ;;
      unhealthy | exited | dead | gone) return 1 ;;
    esac
    sleep 0.5
  done
  return 1
}
