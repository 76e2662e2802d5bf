/** What a run shows while it goes on, and how it learns that it is to end: progress line, times of phases, processors used, Ctrl-C. */
@NullMarked
package ai.consilium.cli.progress;

import org.jspecify.annotations.NullMarked;
