#!/usr/bin/env bash
# Proves that the model and the migrations agree, for SQLite and for PostgreSQL; needs a built back/core (Release). When they do
# not, the command that adds the missing migration is printed.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet tool restore >/dev/null
result=0
for database in Sqlite Postgres; do
  if ! dotnet ef migrations has-pending-model-changes --project back/core --configuration Release --no-build \
    --context "${database}Context"; then
    echo "Add one: dotnet ef migrations add NAME --project back/core --context ${database}Context --output-dir Storage/$database/Migrations" >&2
    result=1
  fi
done
exit $result
