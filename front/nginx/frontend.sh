#!/bin/sh
# The frontend's container: writes what nginx cannot find out by itself, starts it, and keeps that up to date.
#
#   frontend.sh serve        the container's program
#   frontend.sh health       exit code 0 while nginx answers and the watch below is alive
#   frontend.sh drain IP     send nothing more to this replica; what it works on is finished
#   frontend.sh undrain IP   take it back
#   frontend.sh replicas     those in use, an address a line
#
# The watch looks once a second: which addresses the name API_HOST has, which of them answer /health/live, and whether the
# certificate has changed. nginx can look names up by itself only since 1.27.3, and in no version without pay does it ask a
# replica how it is before the first request fails.
set -eu

state=/tmp/smtpy
api_host=${API_HOST:-api}
api_port=${API_PORT:-8000}
https_port=${HTTPS_PORT:-443}
source=/etc/nginx/smtpy
interval=1
# A watch that has not come round for so many seconds hangs.
stale=30

say() { printf '{"@t":"%s","@m":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }

addresses() {
    # busybox prints "Address: IP" or "Address 1: IP name" after the line with the name. getent stands in where there is no nslookup.
    { nslookup "$api_host" 2>/dev/null | awk '/^Name/ { found = 1 } found && /^Address/ { sub(/^Address( [0-9]+)?: */, ""); print $1 }' ||
        getent ahostsv4 "$api_host" | awk '{ print $1 }'; } | grep -E '^[0-9]+(\.[0-9]+){3}$' | sort -u || :
}

alive() { wget -q -T 2 -O /dev/null "http://$1:$api_port/health/live" 2>/dev/null; }

# The last that were found, where the name server does not answer once: nginx itself notices those that are gone.
known_addresses() {
    addresses > "$state/found"
    if [ -s "$state/found" ]; then mv "$state/found" "$state/known"; fi
    cat "$state/known" 2>/dev/null || :
}

# Those that answer; all that there are when none does, so that one may answer later; none without any address.
replicas() {
    found='' answering=''
    for ip in $(known_addresses); do
        [ ! -e "$state/drained/$ip" ] || continue
        found="$found $ip"
        if alive "$ip"; then answering="$answering $ip"; fi
    done
    echo "${answering:-$found}"
}

write_upstream() {
    {
        echo "upstream api {"
        echo "    zone api 128k;"
        echo "    least_conn;"
        for ip in $1; do echo "    server $ip:$api_port max_fails=2 fail_timeout=5s;"; done
        # Nothing listens there: the maintenance page.
        [ -n "$1" ] || echo "    server 127.0.0.1:9;"
        echo "    keepalive 32;"
        # Before the replicas, whose own limit is 130 s, so that no request meets a connection that is being closed.
        echo "    keepalive_timeout 60s;"
        echo "}"
    } > "$state/upstream.conf"
}

# $host has no port, and 8443 in here is not what the world sees.
write_http() {
    case $https_port in
        443) suffix='' ;;
        *[!0-9]*) suffix='' && say "HTTPS_PORT=$https_port is not a port: port 80 leads to 443" ;;
        *) suffix=":$https_port" ;;
    esac
    sed "s/@HTTPS_PORT@/$suffix/" "$source/http.conf" > "$state/http.conf"
}

certificate_stamp() { cat /certificates/fullchain.pem /certificates/privkey.pem 2>/dev/null | sha256sum; }

# Takes the pair over if nginx accepts it; else the last good one stays, so that a broken file never keeps nginx from reloading.
take_certificate() {
    rm -rf "$state/tls.new"
    mkdir -m 700 "$state/tls.new"
    cp /certificates/fullchain.pem /certificates/privkey.pem "$state/tls.new/" 2>/dev/null || return 1
    rm -rf "$state/tls.old"
    if [ -d "$state/tls" ]; then mv "$state/tls" "$state/tls.old"; fi
    mv "$state/tls.new" "$state/tls"
    cp "$source/https.conf" "$state/https.conf"
    if nginx -t -q 2>"$state/test.log"; then return 0; fi
    say "the certificate cannot be used: $(tr '\n"' '  ' < "$state/test.log")"
    rm -rf "$state/tls"
    if [ -d "$state/tls.old" ]; then mv "$state/tls.old" "$state/tls"; else rm -f "$state/https.conf"; fi
    return 1
}

# What nginx runs with, as opposed to what was written for it.
applied() { sed -n 's/^ *server \([0-9.]*\):[0-9]* max_fails.*/\1/p' "$state/upstream.conf" > "$state/applied"; }

reload() {
    if nginx -t -q 2>"$state/test.log" && nginx -s reload 2>>"$state/test.log"; then
        applied
        rm -f "$state/refused"
        say "$1"
    else
        [ -e "$state/refused" ] || date +%s > "$state/refused"
        say "not reloaded, the configuration is refused: $(tr '\n"' '  ' < "$state/test.log")"
        return 1
    fi
}

watch() {
    used=$1 stamp=$2
    while sleep "$interval"; do
        date +%s > "$state/watched"
        now=$(replicas)
        if [ "$now" != "$used" ]; then
            write_upstream "$now"
            reload "replicas are now:${now:- none}" && used=$now
        fi
        fresh=$(certificate_stamp)
        if [ "$fresh" != "$stamp" ]; then
            # Also one that is refused is not looked at again before it changes: its key may be yet to be written.
            stamp=$fresh
            if take_certificate; then reload "the certificate was read again" || :; fi
        fi
    done
}

serve() {
    mkdir -p "$state/drained"
    write_http
    used=$(replicas) stamp=$(certificate_stamp)
    write_upstream "$used"
    applied
    take_certificate || :
    date +%s > "$state/watched"
    watch "$used" "$stamp" &
    say "frontend starts, replicas:${used:- none}, https: $([ -e "$state/https.conf" ] && echo yes || echo "not yet")"
    exec nginx -g 'daemon off;'
}

health() {
    wget -q -T 3 -O /dev/null http://127.0.0.1:8080/frontend/health || { echo "nginx does not answer"; exit 1; }
    age=$(($(date +%s) - $(cat "$state/watched")))
    [ "$age" -le "$stale" ] || { echo "the watch has not come round for $age seconds"; exit 1; }
    if [ -e "$state/refused" ] && [ $(($(date +%s) - $(cat "$state/refused"))) -gt "$stale" ]; then
        echo "nginx refuses its configuration: $(tail -n 1 "$state/test.log")"
        exit 1
    fi
    echo "healthy"
}

case ${1:-} in
    serve) serve ;;
    health) health ;;
    replicas) cat "$state/applied" ;;
    drain) : > "$state/drained/$2" ;;
    undrain) rm -f "$state/drained/$2" ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
