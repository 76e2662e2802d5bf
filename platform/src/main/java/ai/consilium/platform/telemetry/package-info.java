/** Traces of samples through all roles: W3C trace context in record headers, spans by OTLP. */
@NullMarked
package ai.consilium.platform.telemetry;

import org.jspecify.annotations.NullMarked;
