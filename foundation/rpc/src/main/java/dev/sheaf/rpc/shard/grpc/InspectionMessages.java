package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.rpc.grpc.Failures;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Fate;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import dev.sheaf.rpc.shard.ShardInspection.Leftover;
import dev.sheaf.rpc.shard.ShardInspection.SweepPlan;

/** What a shard's inspection answers as messages and back. Pure. */
final class InspectionMessages {
  private InspectionMessages() {}

  static dev.sheaf.protocol.proto.shard.Checked checked(Checked checked) {
    return dev.sheaf.protocol.proto.shard.Checked.newBuilder()
        .setManifests(checked.manifests())
        .setObjects(checked.objects())
        .setAllObjects(checked.allObjects())
        .setRows(checked.rows())
        .setBytes(checked.bytes())
        .setFindings(checked.findings())
        .build();
  }

  static Checked checked(dev.sheaf.protocol.proto.shard.Checked checked) {
    return new Checked(
        checked.getManifests(),
        checked.getObjects(),
        checked.getAllObjects(),
        checked.getRows(),
        checked.getBytes(),
        checked.getFindings());
  }

  static dev.sheaf.protocol.proto.shard.Finding finding(Finding finding) {
    return dev.sheaf.protocol.proto.shard.Finding.newBuilder()
        .setObjectKey(finding.objectKey())
        .setWhat(finding.what())
        .build();
  }

  static Finding finding(dev.sheaf.protocol.proto.shard.Finding finding) {
    return new Finding(finding.getObjectKey(), finding.getWhat());
  }

  static dev.sheaf.protocol.proto.shard.SweepPlan plan(SweepPlan plan) {
    var message =
        dev.sheaf.protocol.proto.shard.SweepPlan.newBuilder().setUnlisted(plan.unlisted());
    plan.leftovers().forEach(leftover -> message.addLeftovers(leftover(leftover)));
    return message.build();
  }

  private static dev.sheaf.protocol.proto.shard.Leftover leftover(Leftover leftover) {
    var message =
        dev.sheaf.protocol.proto.shard.Leftover.newBuilder()
            .setObjectKey(leftover.objectKey())
            .setSizeBytes(leftover.sizeBytes())
            .setFate(fate(leftover.fate()))
            .setWaitMillis(leftover.waitMillis());
    String neededBy = leftover.neededBy();
    return (neededBy == null ? message : message.setNeededBy(neededBy)).build();
  }

  static SweepPlan plan(dev.sheaf.protocol.proto.shard.SweepPlan plan) {
    return new SweepPlan(
        plan.getLeftoversList().stream().map(InspectionMessages::leftover).toList(),
        plan.getUnlisted());
  }

  private static Leftover leftover(dev.sheaf.protocol.proto.shard.Leftover leftover) {
    return new Leftover(
        leftover.getObjectKey(),
        leftover.getSizeBytes(),
        fate(leftover.getFate()),
        leftover.getWaitMillis(),
        leftover.hasNeededBy() ? leftover.getNeededBy() : null);
  }

  private static dev.sheaf.protocol.proto.shard.Fate fate(Fate fate) {
    return switch (fate) {
      case DELETED -> dev.sheaf.protocol.proto.shard.Fate.FATE_DELETED;
      case GRACE -> dev.sheaf.protocol.proto.shard.Fate.FATE_GRACE;
      case VIEW -> dev.sheaf.protocol.proto.shard.Fate.FATE_VIEW;
      case IN_FLIGHT -> dev.sheaf.protocol.proto.shard.Fate.FATE_IN_FLIGHT;
      case MANIFEST -> dev.sheaf.protocol.proto.shard.Fate.FATE_MANIFEST;
      case BRANCH -> dev.sheaf.protocol.proto.shard.Fate.FATE_BRANCH;
      case NEW_OWNER -> dev.sheaf.protocol.proto.shard.Fate.FATE_NEW_OWNER;
    };
  }

  private static Fate fate(dev.sheaf.protocol.proto.shard.Fate fate) {
    return switch (fate) {
      case FATE_DELETED -> Fate.DELETED;
      case FATE_GRACE -> Fate.GRACE;
      case FATE_VIEW -> Fate.VIEW;
      case FATE_IN_FLIGHT -> Fate.IN_FLIGHT;
      case FATE_MANIFEST -> Fate.MANIFEST;
      case FATE_BRANCH -> Fate.BRANCH;
      case FATE_NEW_OWNER -> Fate.NEW_OWNER;
      case FATE_UNSPECIFIED, UNRECOGNIZED -> throw Failures.notUnderstood("an object's fate");
    };
  }
}
