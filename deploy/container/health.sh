#!/bin/bash
# 0 if the process in this container answers on its HTTP port. For engines without probes of their own.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/${SHEAF_HTTP_PORT:-31338}"
printf 'GET /q/health/live HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[ "$status" = 200 ]
