#!/bin/sh
# What a schedule runs every night in a workspace: audits live against the last good snapshot, takes the next snapshot, and
# looks at a portion of all snapshots. Each is done whatever became of the others, except that nothing is taken into a store
# that could not be reached. What every schedule here starts, so that all of them end alike.
#
#   nightly.sh WORKSPACE [OUTPUTS]
#
# OUTPUTS is a folder for audit.prom, audit.xml and the like (default: WORKSPACE/outputs). With LASTGOOD_ALERTS in the
# environment, an address of a webhook, whatever is no pass is sent there.
#
# Ends with 1 if anything found damage or a broken rule; else with 5, 2, 3 or 4, in this order, if any of them ended so; else
# with 0. 4 alone is worth trying again: a source, the store or the network was not there.
set -u
workspace=${1:?the folder of the workspace}
outputs=${2:-$workspace/outputs}
lastgood=${LASTGOOD:-lastgood}
mkdir -p "$outputs" || exit 4

ended=
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
    run "$@" --junit "$file.xml" --prometheus "$file.prom" \
        ${LASTGOOD_ALERTS:+--webhook LASTGOOD_ALERTS --webhook-on trouble}
}

check audit audit
run take snapshot take
check verify snapshot verify --level L2 --budget "${LASTGOOD_BUDGET:-30m}"

for worst in 1 5 2 3 4; do
    case "$ended " in *" $worst "*) exit "$worst" ;; esac
done
case $ended in
    ' 0 0 0') exit 0 ;;
    *) exit 3 ;; # killed, or out of memory: nobody knows what it did not look at
esac
