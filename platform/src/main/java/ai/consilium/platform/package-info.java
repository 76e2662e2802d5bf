/** What a role of a run stands on: its context, its threads, its events, its errors. */
@NullMarked
package ai.consilium.platform;

import org.jspecify.annotations.NullMarked;
