"""Spark on two nodes without a shared directory, everything over https: its own client as swebhdfs, the nodes as theirs."""

import pytest

from cluster import shipped_files
from conftest import JOBS, everywhere
from machines import Machines
from staging import SecureStaging


class SecureMachines(Machines):
    """The certificate is on every machine, as an administrator puts it there; its key is the staging server's alone."""

    @property
    def uri(self) -> str:
        return self.files.secure

    def make_files(self) -> SecureStaging:
        return SecureStaging(self.folder / "files")

    def configure(self, conf, tmp, values, scheduler=None):
        self.installed = [self.files.public]
        ours = {"heddle.transfer.ca-bundle": self.files.public / "certificate.pem"}
        super().configure(conf, tmp, values | ours, scheduler)
        self.files.write_client(conf)


@pytest.fixture(scope="module")
def machines(sparks, tmp_path_factory):
    made = SecureMachines(tmp_path_factory.mktemp("secure"), memory="2g")
    made.hidden = [spark.python.parents[1] for spark in sparks.values()]
    try:
        made.up()
        yield made
    finally:
        made.down()


@pytest.mark.parametrize("version,mode", everywhere(("3.5", "client")))
def test_a_job_is_staged_and_its_tables_are_written_and_read(machines, sparks, expected, tmp_path, version, mode):
    spark = sparks[version]
    shipped = shipped_files(tmp_path)
    done = machines.succeed(spark, mode, JOBS / "shipped.py", options=shipped)
    assert done.answer == [[0, 0, "a note", "deep inside"], [1, 2, "a note", "deep inside"]]
    assert f"{machines.uri}/user/root/.sparkStaging/{done.application}" in done.log, done.log[-4000:]
    folder = f"{machines.uri}/user/root/tables-{version}-{mode}"
    done = machines.succeed(spark, mode, JOBS / "tables.py", folder, "write", "read")
    assert done.answer == expected("tables.py", f"file://{tmp_path}", "write", "read")


def test_a_client_that_believes_no_certificate_sends_nothing(machines, spark35):
    (machines.conf / "ssl-client.xml").rename(machines.conf / "ssl-client.xml.away")
    try:
        refused = machines.submit(spark35, "client", JOBS / "pi.py")
    finally:
        (machines.conf / "ssl-client.xml.away").rename(machines.conf / "ssl-client.xml")
    assert refused.code != 0 and "unable to find valid certification path" in refused.log, refused.log[-4000:]
