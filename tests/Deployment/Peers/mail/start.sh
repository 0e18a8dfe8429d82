#!/bin/sh
# Postfix in the foreground, its log on stdout.
#   MAIL_HOST        the host's name
#   MAIL_MAILBOXES   the addresses that it keeps, separated by spaces, each in the Maildir /mail/DOMAIN/LOCAL-PART/
set -eu

for address in $MAIL_MAILBOXES; do
    echo "$address ${address##*@}/${address%@*}/"
    domain=${address##*@}
done > /etc/postfix/mailboxes
postconf "myhostname=$MAIL_HOST" "virtual_mailbox_domains=$domain"

# The key before the certificate is what smtpd_tls_chain_files asks for.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$MAIL_HOST" -keyout /tmp/key.pem -out /tmp/certificate.pem 2> /dev/null
(umask 077 && cat /tmp/key.pem /tmp/certificate.pem > /etc/postfix/tls.pem)

exec postfix start-fg
