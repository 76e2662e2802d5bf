package ai.consilium.policy.input;

/** The order of patches in the vision tower: those that the merger joins are consecutive. */
final class MergeOrder {
    private MergeOrder() {}

    /** Place of a patch in its frame. */
    record Place(int row, int column) {}

    /** Place of the patch at an index of its frame, {@code gridW} patches across. */
    static Place place(int index, int gridW, int merge) {
        int group = index / (merge * merge);
        int within = index % (merge * merge);
        int groupsAcross = gridW / merge;
        return new Place(group / groupsAcross * merge + within / merge, group % groupsAcross * merge + within % merge);
    }
}
