#!/bin/sh
# Runs in the certbot container: a certificate for CERTBOT_DOMAINS (names separated by spaces or commas), renewed when it is
# due, and put into /certificates in the place of what is there. The frontend and the smtp service notice by themselves.
#
#   CERTBOT_EMAIL     where the certificate authority writes to
#   CERTBOT_DOMAINS   the first one names the certificate
#   CERTBOT_OPTIONS   more options for "certbot certonly", such as --staging or --server URL
set -eu

: "${CERTBOT_EMAIL:?set CERTBOT_EMAIL in .env.production}"
: "${CERTBOT_DOMAINS:?set CERTBOT_DOMAINS in .env.production}"

# The user smtpy of the other images.
owner=10001:10001
# Twice a day, as Let's Encrypt asks its clients to.
interval=43200

domains=$(printf '%s' "$CERTBOT_DOMAINS" | tr ',' ' ')
set --
for domain in $domains; do set -- "$@" -d "$domain"; done
first=${domains%% *}

install_pair() {
    live=/etc/letsencrypt/live/$first
    cmp -s "$live/fullchain.pem" /certificates/fullchain.pem && return
    cp "$live/privkey.pem" /certificates/privkey.new
    cp "$live/fullchain.pem" /certificates/fullchain.new
    chown "$owner" /certificates/privkey.new /certificates/fullchain.new
    chmod 600 /certificates/privkey.new
    chmod 644 /certificates/fullchain.new
    # The key first: readers test the pair and keep the old one until both belong together.
    mv /certificates/privkey.new /certificates/privkey.pem
    mv /certificates/fullchain.new /certificates/fullchain.pem
    echo "certbot: installed the certificate of $first"
}

trap 'exit 0' TERM INT
while :; do
    # shellcheck disable=SC2086 # options, separated by spaces
    if certbot certonly --non-interactive --agree-tos --email "$CERTBOT_EMAIL" --webroot --webroot-path /acme \
        --cert-name "$first" --keep-until-expiring --expand $CERTBOT_OPTIONS "$@"; then
        install_pair
    else
        echo "certbot: no certificate this time, the one in use stays" >&2
    fi
    sleep "$interval" &
    wait $!
done
