#!/usr/bin/env bash
# Backs up the database of a running deployment: everything SMTPy knows, messages on their way included.
#
#   scripts/backup.sh [--keep N] [--key-file FILE] [--folder FOLDER] [--quiet]
#
#   --keep N         remove all but the newest N backups after this one was made (default: BACKUP_KEEP, or 14; 0 keeps all)
#   --key-file FILE  encrypt with the passphrase in FILE's first line (default: BACKUP_KEY_FILE, or no encryption)
#   --folder FOLDER  where to (default: BACKUP_DIR, or ./backups)
#   --quiet          say nothing unless it fails
#
# BACKUP_KEEP, BACKUP_KEY_FILE and BACKUP_DIR come from the shell, else from .env.production: so all who make backups agree.
#
# One consistent state (pg_dump, custom format, compressed), while mail goes on. Beside smtpy-TIME.dump[.enc] stands its
# SHA-256 as smtpy-TIME.dump[.enc].sha256. Files appear under these names only when they are whole. The last line of output is
# the file's path. Not in it: .env.production (SECRET_KEY!) and certificates; keep them with your other secrets.
#
# Daily, from cron, which sends a mail when it fails:  17 3 * * *  cd /srv/smtpy && scripts/backup.sh --quiet
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/compose.lib.sh
source scripts/compose.lib.sh

keep=$(setting BACKUP_KEEP) key=$(setting BACKUP_KEY_FILE) folder=$(setting BACKUP_DIR) quiet=no
keep=${keep:-14} folder=${folder:-./backups}
while (($# > 0)); do
  case $1 in
    --keep) keep=${2:?--keep needs a number}; shift 2 ;;
    --key-file) key=${2:?--key-file needs a file}; shift 2 ;;
    --folder) folder=${2:?--folder needs a folder}; shift 2 ;;
    --quiet) quiet=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    *) echo "Unknown option $1; see $0 --help" >&2; exit 2 ;;
  esac
done
[[ $keep =~ ^[0-9]+$ ]] || die "keep $keep backups (--keep, BACKUP_KEEP): not a number"
[[ -z $key || -s $key ]] || die "the key file $key is missing or empty"

project > /dev/null
say() { [[ $quiet == yes ]] || echo "$*"; }

umask 077
mkdir -p "$folder"
exec 9> "$folder/.lock"
flock --nonblock 9 || die "another backup or restore is under way in $folder"
db=$(running db)
[[ -n $db ]] || die "the database's container does not run"

name=smtpy-$(date -u +%Y%m%dT%H%M%S.%3NZ).dump
[[ -z $key ]] || name+=.enc
[[ ! -e $folder/$name ]] || die "$folder/$name exists already"
partial=$folder/.$name.partial
trap 'rm -f "$partial" "$partial.sha256"' EXIT

seal() {
  if [[ -n $key ]]; then
    openssl enc -aes-256-cbc -pbkdf2 -iter 600000 -salt -pass "file:$key"
  else
    cat
  fi
}

# Over the socket, as the superuser that the image makes of POSTGRES_USER: no password leaves the container.
# shellcheck disable=SC2016 # expands in the container
docker exec "$db" sh -c 'exec pg_dump --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --format custom --compress 6 --no-owner --no-privileges' |
  seal > "$partial"

# What was written is read back: a full disk or a broken pipe must not pass for a backup.
opened() {
  if [[ -n $key ]]; then
    openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass "file:$key" -in "$partial"
  else
    cat "$partial"
  fi
}
opened | docker exec -i "$db" pg_restore --file /dev/null || die "the dump cannot be read back"
# To the end, although the list stands at the beginning: who writes into a pipe that nobody reads any more has failed.
tables=$(opened | docker exec -i "$db" sh -c 'pg_restore --list; cat > /dev/null' | grep -c ' TABLE DATA ') || die "the dump cannot be read back"
((tables > 0)) || die "the dump holds no tables"

sync "$partial"
(cd "$folder" && sha256sum ".$name.partial" | sed "s/ \.\(.*\)\.partial\$/ \1/" > ".$name.partial.sha256")
mv "$partial.sha256" "$folder/$name.sha256"
mv "$partial" "$folder/$name"
sync "$folder"
trap - EXIT

if ((keep > 0)); then
  # Names hold the time, so their order is the order of making.
  find "$folder" -maxdepth 1 -type f \( -name 'smtpy-*.dump' -o -name 'smtpy-*.dump.enc' \) -printf '%f\n' | sort -r | tail -n "+$((keep + 1))" |
    while read -r old; do
      rm -f "$folder/$old" "$folder/$old.sha256"
      say "removed $old"
    done
fi

say "$tables tables, $(stat -c %s "$folder/$name") octets$([[ -z $key ]] || echo ', encrypted')"
say "$folder/$name"
