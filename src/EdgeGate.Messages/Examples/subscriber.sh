#!/bin/sh
# Who was decided about, as tab-separated lines: time, gate, lane, outcome, masked name. Needs mosquitto-clients and jq.
#   subscriber.sh BROKER PORT [more options of mosquitto_sub, for example -u watch -P secret --cafile ca.pem]
host=$1 port=$2
shift 2
# A session that lasts (-c, a client id of its own, QoS 1): what comes while this does not run waits at the broker. A record may come twice: its id tells.
mosquitto_sub -h "$host" -p "$port" -q 1 -c -i example-shell -t 'edgegate/v1/+/+/passages' -t 'edgegate/v1/+/+/backlog' "$@" |
    jq -nr --unbuffered '
        foreach (inputs | select(.type == "edgegate.access-decided.v1")) as $record ({};
            (if .seen | length > 100000 then .seen = {} else . end) | .again = .seen[$record.id] | .seen[$record.id] = true;
            select(.again | not) | $record | [.time, .source[13:], .data.lane, .data.outcome, .data.maskedName // ""] | @tsv)'
