"""Every method of the ResourceManager's protocols, called through Hadoop's own client classes."""

import os
import subprocess

import pytest

from cluster import find_answer, java_home
from conftest import JOBS

UNKNOWN = "ApplicationNotFoundException: Application with id 'application_1_0001' doesn't exist in RM."
NO_RESERVATION = "YarnException: {}: Reservation is not enabled."
NO_PROFILE = "ResourceProfilesNotEnabledException: {}: Resource profile is not enabled"
UNSUPPORTED = "YarnException: {} is not supported: "

CLIENT = dict.fromkeys(
    "getNewApplication getClusterMetrics getClusterNodes getQueueInfo getQueueUserAcls getNodeToLabels getLabelsToNodes "
    "getClusterNodeLabels getResourceTypeInfo getAttributesToNodes getClusterNodeAttributes getNodesToAttributes "
    "getApplications getDelegationToken".split(),
    "answered",
)
CLIENT |= dict.fromkeys(
    "failApplicationAttempt forceKillApplication moveApplicationAcrossQueues updateApplicationPriority signalToContainer "
    "getApplicationReport getApplicationAttemptReport getApplicationAttempts getContainerReport getContainers".split(),
    UNKNOWN,
)
CLIENT |= dict.fromkeys(
    "getNewReservation submitReservation updateReservation deleteReservation listReservations".split(), NO_RESERVATION
)
CLIENT |= dict.fromkeys(["getResourceProfiles", "getResourceProfile"], NO_PROFILE)
CLIENT |= dict.fromkeys(["renewDelegationToken", "cancelDelegationToken"], "SecretManager$InvalidToken: ")
CLIENT |= {
    "submitApplication": "YarnException: The request of submitApplication is malformed: application_submission_context",
    "updateApplicationTimeouts": "YarnException: The request of updateApplicationTimeouts is malformed",
}

ADMINISTRATION = dict.fromkeys("refreshNodes refreshQueues checkForDecommissioningNodes getGroupsForUser".split(), "answered")
ADMINISTRATION |= dict.fromkeys(
    "refreshSuperUserGroupsConfiguration refreshUserToGroupsMappings refreshAdminAcls refreshServiceAcls "
    "updateNodeResource refreshNodesResources addToClusterNodeLabels removeFromClusterNodeLabels "
    "refreshClusterMaxPriority mapAttributesToNodes".split(),
    UNSUPPORTED,
)
# Its name on the wire has an s more.
ADMINISTRATION["replaceLabelsOnNode"] = "YarnException: replaceLabelsOnNodes is not supported: "


@pytest.mark.parametrize("version", ["3.5", "4.0"])
@pytest.mark.parametrize(
    "protocol,expected",
    [
        ("org.apache.hadoop.yarn.api.ApplicationClientProtocol", CLIENT),
        ("org.apache.hadoop.yarn.server.api.ResourceManagerAdministrationProtocol", ADMINISTRATION),
    ],
    ids=["client", "administration"],
)
def test_every_method_answers(cluster, sparks, protocol, expected, version):
    spark = sparks[version]
    run = subprocess.run(
        [str(spark.python), str(JOBS / "methods.py"), protocol],
        env=cluster.environment() | {"JAVA_HOME": java_home(), "SPARK_HOME": str(spark.home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    answers = find_answer(run.stdout)
    # Of 3.4: what a federation's router asks of its state store. A ResourceManager says that it has no such method.
    others = {method: answers.pop(method) for method in set(answers) - set(expected)}
    for method, answer in others.items():
        assert "ederation" in method or "SubCluster" in method, f"{method} is new: {answer}"
        assert method in answer or "UninitializedMessageException" in answer, f"{method}: {answer}"
    assert set(answers) == set(expected)
    for method, answer in answers.items():
        wanted = expected[method].format(method)
        # The class's package is left out: names are enough.
        assert answer == wanted or f".{wanted}" in f".{answer}", f"{method}: {answer}"
