"""Settings of a broker that is not there, for whoever reaches none."""

from pathlib import Path

from adapters.kafka_settings import KafkaSettings

SETTINGS = KafkaSettings(("broker:9093",), Path("hub.pem"), Path("authority.pem"))
