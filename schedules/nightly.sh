#!/bin/sh
# What a schedule runs every night in a workspace: audits live against the last good snapshot, takes the next snapshot, looks at
# a portion of all snapshots, and says how the backups stand. Each is done whatever became of the others. What every schedule
# here starts, so that all of them end alike.
#
#   nightly.sh WORKSPACE [OUTPUTS]
#
# OUTPUTS is a folder for audit.prom, audit.xml and the like (default: WORKSPACE/outputs). With LASTGOOD_ALERTS in the
# environment, an address of a webhook, whatever is no pass is sent there.
#
# Ends with 1 if anything found damage or a broken rule; else with 5, 2, 3 or 4, in this order, if any of them ended so; else
# with 0. 4 alone is worth trying again: a source, the store or the network was not there, or a command was killed. How the
# backups stand counts if all else passed: a snapshot that could not be taken is tried again, not told as late.
set -u
workspace=${1:?the folder of the workspace}
outputs=${2:-$workspace/outputs}
lastgood=${LASTGOOD:-lastgood}

ended=
# Nothing of last night stands for tonight, also if a command does not come as far as writing.
if mkdir -p "$outputs" && [ -w "$outputs" ]; then
    for name in audit verify status; do
        rm -f "$outputs/$name.xml" "$outputs/$name.prom"
    done
else
    echo "lastgood: nothing can be written to $outputs, so all is done without it" >&2
    outputs=
    ended=' 4'
fi

run() { # NAME COMMAND…
    name=$1
    shift
    "$lastgood" "$@" -w "$workspace" --no-progress
    code=$?
    echo "lastgood $name: exit $code" >&2
    ended="$ended $code"
    return "$code"
}
# A command that says what it checked leaves it for monitoring too.
check() { # NAME COMMAND…
    file=$outputs/$1
    if [ -n "$outputs" ]; then
        set -- "$@" --junit "$file.xml" --prometheus "$file.prom"
    fi
    run "$@" ${LASTGOOD_ALERTS:+--webhook LASTGOOD_ALERTS --webhook-on trouble}
}

check audit audit
run take snapshot take
check verify snapshot verify --level L2 --budget "${LASTGOOD_BUDGET:-30m}"
counted=$ended
check status status
if [ "$counted" = ' 0 0 0' ]; then
    counted=${ended##* }
fi

for worst in 1 5 2 3; do
    case " $counted " in *" $worst "*) exit "$worst" ;; esac
done
case "$counted" in
    0) exit 0 ;;
    *) exit 4 ;; # also what was killed, or out of memory
esac
