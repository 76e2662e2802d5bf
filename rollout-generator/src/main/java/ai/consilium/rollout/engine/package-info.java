/** What samples for a worker: an interface and the engine in this process. */
@NullMarked
package ai.consilium.rollout.engine;

import org.jspecify.annotations.NullMarked;
