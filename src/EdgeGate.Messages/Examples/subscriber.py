#!/usr/bin/env python3
"""Every record of every gate, once, as a line. Needs paho (Debian: python3-paho-mqtt).
   subscriber.py BROKER PORT [USER PASSWORD]"""
import json
import sys

import paho.mqtt.client as mqtt

host, port = sys.argv[1], int(sys.argv[2])
seen = {}  # newest ids, in the order they came: QoS 1 may bring a record twice

def connected(client, *_):
    client.subscribe([("edgegate/v1/+/+/passages", 1), ("edgegate/v1/+/+/backlog", 1), ("edgegate/v1/+/+/state", 1)])

def received(client, _, message):
    event = json.loads(message.payload)
    if message.topic.endswith("/state"):  # retained; the last will says online: false
        print(f"state {event['gate']} {'online' if event['online'] else 'offline'}", flush=True)
        return
    if event["id"] in seen:
        return
    seen[event["id"]] = True
    if len(seen) > 100_000:
        del seen[next(iter(seen))]
    late = " late" if message.topic.endswith("/backlog") else ""
    data = event["data"]
    print(f"{event['type']} {event['id']} {event['time']}{late} {data.get('outcome') or data.get('passage') or ''}", flush=True)

old = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []  # paho 2 asks which callbacks are meant
client = mqtt.Client(*old, client_id="example-python", clean_session=False)  # what comes while we are away waits at the broker
if len(sys.argv) > 4:
    client.username_pw_set(sys.argv[3], sys.argv[4])
client.on_connect, client.on_message = connected, received
client.connect(host, port)
client.loop_forever(retry_first_connection=True)
