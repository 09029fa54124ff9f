#!/bin/bash
# Starts the server as process 1 of a container. Its arguments are settings.
# The heap gets 60 % of the container's memory; Arrow buffers and the JVM itself take up to the rest.
set -eu
# Virtual threads that load classes keep their carriers: too few of them, and a cold start can hang.
carriers=$(nproc)
[ "$carriers" -ge 8 ] || carriers=8
exec java \
  -Djdk.virtualThreadScheduler.parallelism="$carriers" \
  --add-opens=java.base/java.nio=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow \
  --enable-native-access=ALL-UNNAMED \
  -Darrow.enable_unsafe_memory_access=true \
  -Darrow.enable_null_check_for_get=false \
  -XX:MaxRAMPercentage=60 \
  -jar /opt/sheaf/quarkus-run.jar "$@"
