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

# Those that answer; all that there are when none does, so that one may answer later; none without any address.
replicas() {
    found='' answering=''
    for ip in $(addresses); do
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

certificate_stamp() { cat /certificates/fullchain.pem /certificates/privkey.pem 2>/dev/null | sha256sum; }

write_https() {
    if [ -r /certificates/fullchain.pem ] && [ -r /certificates/privkey.pem ]; then
        cp "$source/https.conf" "$state/https.conf"
    else
        rm -f "$state/https.conf"
    fi
}

reload() {
    if nginx -t -q 2>"$state/test.log"; then
        nginx -s reload 2>/dev/null && say "$1"
    else
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
            write_https
            # A certificate whose key is yet to be written is refused by the test above; the old one stays in use.
            reload "the certificate was read again" && stamp=$fresh
        fi
    done
}

serve() {
    mkdir -p "$state/drained"
    cp "$source/http.conf" "$state/http.conf"
    used=$(replicas) stamp=$(certificate_stamp)
    write_upstream "$used"
    write_https
    if ! nginx -t -q 2>"$state/test.log"; then
        say "without https, the certificate cannot be used: $(tr '\n"' '  ' < "$state/test.log")"
        rm -f "$state/https.conf"
        stamp=none
    fi
    date +%s > "$state/watched"
    watch "$used" "$stamp" &
    say "frontend starts, replicas:${used:- none}, https: $([ -e "$state/https.conf" ] && echo yes || echo "not yet")"
    exec nginx -g 'daemon off;'
}

health() {
    wget -q -T 3 -O /dev/null http://127.0.0.1:8080/frontend/health || { echo "nginx does not answer"; exit 1; }
    age=$(($(date +%s) - $(cat "$state/watched")))
    [ "$age" -le "$stale" ] || { echo "the watch has not come round for $age seconds"; exit 1; }
    echo "healthy"
}

case ${1:-} in
    serve) serve ;;
    health) health ;;
    replicas) sed -n 's/^ *server \([0-9.]*\):[0-9]* max_fails.*/\1/p' "$state/upstream.conf" ;;
    drain) : > "$state/drained/$2" ;;
    undrain) rm -f "$state/drained/$2" ;;
    *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
