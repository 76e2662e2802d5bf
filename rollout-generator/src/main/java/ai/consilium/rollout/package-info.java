/**
 * The two roles that make trajectories: the scheduler decides which case is sampled next and how many groups may be under
 * way, the rollout workers sample them with the newest expert. They share a module because both own the prompt: one
 * writes what the other reads.
 */
@NullMarked
package ai.consilium.rollout;

import org.jspecify.annotations.NullMarked;
