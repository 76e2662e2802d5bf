/**
 * Watches a run: follows its topics into one picture in memory and shows it on a live page. Nothing depends on it,
 * so it can be started, stopped and doubled at will; a restart reads the log again.
 */
@NullMarked
package ai.consilium.monitor;

import org.jspecify.annotations.NullMarked;
