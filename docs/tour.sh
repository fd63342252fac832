#!/bin/sh
# A real day in a throw-away home, from the lists in data/: what `make run` shows.
set -eu
CRM=$(command -v "${CRM:-crm}")
BIN=$(cd "$(dirname "$CRM")" && pwd)
# Always a folder of its own beside the Makefile, whatever CRM_HOME says: this one is thrown away at every start.
CRM_HOME=$(cd "$(dirname "$0")/.." && pwd)/.run
export CRM_HOME
unset CRM_DATABASE_URL CRM_NOW
rm -rf "$CRM_HOME"
"$CRM" config set reminders.at 00:00 >/dev/null # so that the tick has something to say at any hour

step() {
    printf '\n$ crm'
    for word; do
        case $word in *\ *) printf ' "%s"' "$word" ;; *) printf ' %s' "$word" ;; esac
    done
    printf '\n'
    "$CRM" "$@"
}

step init --yes --start today
step log-contact liam --kind coffee --duration 45m --note "Start with one small project" --follow-up "in 2 weeks"
step schedule casey "tomorrow 17:30" --kind call
step task add "Send Liam the repository" --due today --for liam
step today
step reminder tick
step calendar export

cat <<END

That was a throw-away home in $CRM_HOME. To go on looking around in it, type:

    export CRM_HOME=$CRM_HOME PATH=$BIN:\$PATH
    crm next                         whom to write to, and how
    crm prep liam                    what to know before a chat
    crm undo                         take back the last command

To start your own, in your own folders:

    unset CRM_HOME
    crm init                         asks where to start from
END
