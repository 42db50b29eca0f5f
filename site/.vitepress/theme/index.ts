import DefaultTheme from 'vitepress/theme';
import { defineAsyncComponent } from 'vue';
import type { Theme } from 'vitepress';
import './style.css';

// Loaded by the pages that have them: the editor alone is larger than all text.
export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('Program', defineAsyncComponent(() => import('@site/components/Program.vue')));
    app.component('Digits', defineAsyncComponent(() => import('@site/components/Digits.vue')));
    app.component('Spirals', defineAsyncComponent(() => import('@site/components/Spirals.vue')));
  },
} satisfies Theme;
