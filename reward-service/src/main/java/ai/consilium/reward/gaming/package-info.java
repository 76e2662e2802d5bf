/** Whether what is trained on is being gamed: compared with shadows, which nothing trains on. */
@NullMarked
package ai.consilium.reward.gaming;

import org.jspecify.annotations.NullMarked;
