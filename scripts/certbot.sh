#!/bin/sh
# Runs in the certbot container: a certificate for CERTBOT_DOMAINS (names separated by spaces or commas), renewed when it is
# due, and put into /certificates in the place of what is there. The frontend and the smtp service notice by themselves.
#
#   certbot.sh         the container's program: asks at once, then twice a day
#   certbot.sh renew   a new certificate now, due or not:  docker compose … exec certbot sh /certbot.sh renew
#
#   CERTBOT_EMAIL     where the certificate authority writes to
#   CERTBOT_DOMAINS   the first one names the certificate
#   CERTBOT_OPTIONS   more options for "certbot certonly", such as --staging or --server URL
#   /ca.pem           where it is not empty: certificates that vouch for the authority's own https, in the place of the public ones
set -eu

: "${CERTBOT_EMAIL:?set CERTBOT_EMAIL in .env.production}"
: "${CERTBOT_DOMAINS:?set CERTBOT_DOMAINS in .env.production}"

# The user smtpy of the other images.
owner=10001:10001
# Twice a day, as Let's Encrypt asks its clients to.
interval=43200
# What the certificate that is there was asked for with.
asked_with=/etc/letsencrypt/smtpy-options
options=${CERTBOT_OPTIONS:-}
first=$(printf '%s' "$CERTBOT_DOMAINS" | tr ',' ' ' | awk '{ print $1 }')

if [ -s /ca.pem ]; then export REQUESTS_CA_BUNDLE=/ca.pem; fi

ask() {
    set --
    for domain in $(printf '%s' "$CERTBOT_DOMAINS" | tr ',' ' '); do set -- "$@" -d "$domain"; done
    # shellcheck disable=SC2086 # options, separated by spaces
    certbot certonly --non-interactive --agree-tos --email "$CERTBOT_EMAIL" --webroot --webroot-path /acme \
        --cert-name "$first" --expand $when $options "$@"
}

install_pair() {
    live=/etc/letsencrypt/live/$first
    if cmp -s "$live/fullchain.pem" /certificates/fullchain.pem; then return; fi
    # The key first: readers test the pair and keep the old one until both belong together.
    cp "$live/privkey.pem" /certificates/privkey.new \
        && cp "$live/fullchain.pem" /certificates/fullchain.new \
        && chown "$owner" /certificates/privkey.new /certificates/fullchain.new \
        && chmod 600 /certificates/privkey.new \
        && chmod 644 /certificates/fullchain.new \
        && mv /certificates/privkey.new /certificates/privkey.pem \
        && mv /certificates/fullchain.new /certificates/fullchain.pem \
        && echo "certbot: installed the certificate of $first"
}

ask_and_install() {
    when=$1
    # certbot keeps a certificate that is not due also where the options name another authority: without this, one of
    # --staging would stay in use for two months after the option is gone.
    if [ -e "$asked_with" ] && [ "$(cat "$asked_with")" != "$options" ]; then when=--force-renewal; fi
    if ! ask; then
        echo "certbot: no certificate this time, the one in use stays" >&2
        return 1
    fi
    printf '%s\n' "$options" > "$asked_with"
    install_pair
}

case ${1:-} in
    renew) ask_and_install --force-renewal ;;
    '')
        trap 'exit 0' TERM INT
        while :; do
            ask_and_install --keep-until-expiring || :
            sleep "$interval" &
            wait $!
        done
        ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
