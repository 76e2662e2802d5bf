/** The life cycle of a service: start and stop, threads with a heartbeat, health endpoints, metric names. */
@NullMarked
package ai.consilium.platform.service;

import org.jspecify.annotations.NullMarked;
