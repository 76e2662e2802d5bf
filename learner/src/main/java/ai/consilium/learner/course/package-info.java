/** What a learner is taught, and how: reinforcement of one specialty's expert, or consolidation of all into one agent. */
@NullMarked
package ai.consilium.learner.course;

import org.jspecify.annotations.NullMarked;
