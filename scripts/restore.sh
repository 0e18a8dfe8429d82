#!/usr/bin/env bash
# Puts the database back as it was when a backup was made.
#
#   scripts/restore.sh [--key-file FILE] [--yes] BACKUP
#
#   BACKUP           a file of scripts/backup.sh, with its .sha256 beside it
#   --key-file FILE  the passphrase of an encrypted one (default: BACKUP_KEY_FILE, of the shell or .env.production)
#   --yes            do not ask
#
# A broken file is refused before anything is touched: its checksum is compared and its whole content read. Then smtp and api are
# stopped, what is there now is backed up (backups/replaced-TIME.dump; skipped only where there are no tables), everything is replaced
# in one transaction, and they start again, also when it failed: then with what was there before.
# Needs the database's container to run:  docker compose -f docker-compose.prod.yml up -d --wait db
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/compose.lib.sh
source scripts/compose.lib.sh

key=$(setting BACKUP_KEY_FILE) yes=no file=''
while (($# > 0)); do
  case $1 in
    --key-file) key=${2:?--key-file needs a file}; shift 2 ;;
    --yes) yes=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "Unknown option $1; see $0 --help" >&2; exit 2 ;;
    *) [[ -z $file ]] || die "one backup, not two"; file=$1; shift ;;
  esac
done
[[ -n $file ]] || { usage; exit 2; }
[[ -s $file ]] || die "$file is missing or empty"
[[ -s $file.sha256 ]] || die "$file.sha256 is missing: it cannot be told whether the backup is whole. Nothing was changed. Copy it from where the backup came from"
[[ $file != *.enc || -s ${key:-/nonexistent} ]] || die "$file is encrypted: give --key-file"
# What is there now is kept before it is replaced: not to find out then, with smtp and api stopped.
[[ -z $key || -s $key ]] || die "the key file $key is missing or empty"
project > /dev/null

folder=$(dirname "$file")
umask 077
exec 9> "$folder/.lock"
flock --nonblock 9 || die "another backup or restore is under way in $folder"
db=$(running db)
[[ -n $db ]] || die "the database's container does not run: docker compose -f $COMPOSE_FILE up -d --wait db"

expected=$(cut -d ' ' -f 1 "$file.sha256")
actual=$(sha256sum "$file" | cut -d ' ' -f 1)
[[ $expected == "$actual" ]] || die "$file is broken: its SHA-256 is $actual, it was made with $expected. Nothing was changed."

opened() {
  if [[ $file == *.enc ]]; then
    openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass "file:$key" -in "$file"
  else
    cat "$file"
  fi
}

# Turned into SQL and thrown away: every octet of it is read and decompressed.
if ! opened 2>/dev/null | docker exec -i "$db" pg_restore --file /dev/null 2>/dev/null; then
  die "$file cannot be read$([[ $file != *.enc ]] || echo ' (the wrong key?)'). Nothing was changed."
fi

if [[ $yes == no ]]; then
  read -r -p "Replace everything in the database by $(basename "$file")? Type yes: " answer
  [[ $answer == yes ]] || die "not confirmed"
fi

began=$SECONDS
# shellcheck disable=SC2016 # expands in the container
in_db() { docker exec -i "$db" sh -c "$1"; }

# Only services that were made can be stopped; those that ran are started again, whatever happens.
mapfile -t writers < <(for service in smtp api; do [[ -z $(running "$service") ]] || echo "$service"; done)
start_again() {
  if ((${#writers[@]} > 0)); then
    echo "starting ${writers[*]}"
    compose start "${writers[@]}"
  fi
}
if ((${#writers[@]} > 0)); then
  trap start_again EXIT
  echo "stopping ${writers[*]}"
  compose stop "${writers[@]}"
fi

# shellcheck disable=SC2016
tables=$(in_db 'psql -XAtq -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "select count(*) from pg_tables where schemaname = '"'public'"'"')
if ((tables > 0)); then
  kept=$folder/replaced-$(date -u +%Y%m%dT%H%M%SZ).dump$([[ -z $key ]] || echo .enc)
  # What came from an encrypted backup is not kept in the clear.
  seal() { if [[ -n $key ]]; then openssl enc -aes-256-cbc -pbkdf2 -iter 600000 -salt -pass "file:$key"; else cat; fi; }
  # shellcheck disable=SC2016
  in_db 'exec pg_dump -U "$POSTGRES_USER" -d "$POSTGRES_DB" -Fc -Z 6 --no-owner --no-privileges' | seal > "$kept.partial" ||
    { rm -f "$kept.partial"; die "what is there cannot be kept. Nothing was changed."; }
  # It is the only way back: read it again before everything goes.
  open_kept() { if [[ -n $key ]]; then openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass "file:$key" -in "$kept.partial"; else cat "$kept.partial"; fi; }
  open_kept | docker exec -i "$db" pg_restore --file /dev/null || { rm -f "$kept.partial"; die "the copy of what is there cannot be read back. Nothing was changed."; }
  sync "$kept.partial"
  mv "$kept.partial" "$kept"
  (cd "$folder" && sha256sum "$(basename "$kept")" > "$(basename "$kept").sha256")
  echo "kept what was there as $kept"
fi

# The schema goes and comes back in one transaction, and "commit" is said only after the last line of a whole dump: whatever
# breaks before, the database stays as it was.
echo "restoring"
# shellcheck disable=SC2016
{
  echo 'set client_min_messages = warning; begin; drop schema if exists public cascade; create schema public;'
  opened | in_db 'pg_restore --no-owner --no-privileges --file -' && echo 'commit;'
} | in_db 'psql -Xq -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -o /dev/null' ||
  die "the restore failed and was rolled back: the database is as it was"
# shellcheck disable=SC2016
in_db 'psql -Xq -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c analyze'

trap - EXIT
start_again
for service in "${writers[@]}"; do
  for container in $(running "$service"); do
    wait_healthy "$container" 120 || die "restored, but $service is not healthy: docker compose logs $service"
  done
done
echo "restored $(basename "$file") in $((SECONDS - began)) s"
