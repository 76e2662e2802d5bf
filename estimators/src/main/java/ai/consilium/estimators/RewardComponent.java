package ai.consilium.estimators;

/** What a member of a group is scored for. */
public enum RewardComponent {
    ACCURACY("accuracy"),
    FORMAT("format"),
    GUIDELINE("guideline");

    private final String label;

    RewardComponent(String label) {
        this.label = label;
    }

    /** Its name in the parts of an advantage, in metrics and in figures. */
    public String label() {
        return label;
    }
}
