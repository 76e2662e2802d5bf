package ai.consilium.platform.transaction;

/** Where a transaction is for its coordinator. */
enum TransactionStage {
    /** Its producer may go on writing; should it never end the transaction, its timeout does. */
    OPEN,
    /** Its end is decided and being told to the partitions. */
    ENDING,
    /** The coordinator has done with it, or never knew it: a partition that holds it open holds it for ever. */
    OVER
}
