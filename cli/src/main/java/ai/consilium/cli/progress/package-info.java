/** What a run shows while it goes on: the progress line, the time each phase took, the processors it used. */
@NullMarked
package ai.consilium.cli.progress;

import org.jspecify.annotations.NullMarked;
