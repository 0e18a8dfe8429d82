#!/usr/bin/env bash
# Proves that the model, the migrations and the compiled models agree, for SQLite and for PostgreSQL; needs a built back/core
# (Release). When they do not, the command that mends it is printed.
#
#   scripts/check-migrations.sh [--write]
#
#   --write  writes the compiled models anew (back/core/Storage/*/CompiledModel) instead of comparing them. They spare each start of
#            the program that reads the model from the classes: a third of a command's time
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
write=no
case ${1:-} in
  --write) write=yes ;;
  "") ;;
  *) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; [[ $1 == --help || $1 == -h ]] || exit 2; exit 0 ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet tool restore >/dev/null
result=0
ef() { dotnet ef "$@" --project back/core --configuration Release --no-build; }
for database in Sqlite Postgres; do
  if ! ef migrations has-pending-model-changes --context "${database}Context"; then
    echo "Add one: dotnet ef migrations add NAME --project back/core --context ${database}Context --output-dir Storage/$database/Migrations" >&2
    result=1
  fi

  ef dbcontext optimize --context "${database}Context" --output-dir "$work/$database" \
    --namespace "Smtpy.Core.Storage.$database.CompiledModel" >"$work/log" || { cat "$work/log" >&2; exit 1; }
  sed -i '1s/^\xEF\xBB\xBF//' "$work/$database"/*.cs
  committed=back/core/Storage/$database/CompiledModel
  if [[ $write == yes ]]; then
    rm -rf "$committed"
    cp -R "$work/$database" "$committed"
  elif ! diff -r -I 'modelId: new Guid' "$work/$database" "$committed" >"$work/log"; then
    head -n 20 "$work/log" >&2
    echo "The compiled model of $database is not of this model. Write it: scripts/check-migrations.sh --write" >&2
    result=1
  fi
done
exit $result
