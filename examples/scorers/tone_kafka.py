"""A guideline that nobody calls: it reads trajectories and writes scores. tone_kafka.py BROKERS REGISTRY RUN_ID NAME"""
import functools, io, json, struct, sys, time, urllib.request
import confluent_kafka, fastavro

BROKERS, REGISTRY, RUN, NAME = sys.argv[1:5]


@functools.lru_cache(None)
def schema(path):
    found = json.load(urllib.request.urlopen(REGISTRY + path))
    return found.get("id"), fastavro.parse_schema(json.loads(found["schema"]))


def scored(trajectory):
    score = {"scorer": NAME, "scorerVersion": "1", "value": max(0, 1 - 0.2 * trajectory["text"].lower().count("maybe"))}
    return {**trajectory, "scores": [score], "createdMs": int(time.time() * 1000)}  # its ids are the trajectory's


# Deadlines wait for a consumer group of this name; its offsets are committed when the scores are written.
consumer = confluent_kafka.Consumer({"bootstrap.servers": BROKERS, "group.id": f"{RUN}-scorer-{NAME}", "auto.offset.reset": "earliest", "enable.auto.commit": False})
producer = confluent_kafka.Producer({"bootstrap.servers": BROKERS, "acks": "all"})
consumer.subscribe([RUN + "-trajectories"])
while True:
    for message in filter(lambda one: not one.error(), consumer.consume(100, 0.2)):
        # A magic byte, the number of the schema, the record. Scores go to the partition number of their trajectory.
        number = struct.unpack(">xI", message.value()[:5])[0]
        trajectory = fastavro.schemaless_reader(io.BytesIO(message.value()[5:]), schema(f"/schemas/ids/{number}")[1])
        number, form = schema(f"/subjects/{RUN}-scores-value/versions/latest")
        fastavro.schemaless_writer(out := io.BytesIO(), form, scored(trajectory))
        producer.produce(RUN + "-scores", struct.pack(">xI", number) + out.getvalue(), message.key(), message.partition())
        producer.flush()
        consumer.commit(message)
