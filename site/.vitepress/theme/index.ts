import DefaultTheme from 'vitepress/theme';
import { useData, withBase, type Theme } from 'vitepress';
import { defineAsyncComponent, nextTick, onMounted, watch } from 'vue';
import { showTypes } from './type-tip';
import './style.css';

/** Once the page answers: says so, for those who measure, and keeps the whole site for when there is no network. */
function afterLoading(): void {
  performance.mark('interactive');
  showTypes();
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // Not before what the page itself needs.
  const keep = (): void => { void navigator.serviceWorker.register(withBase('/offline.js')); };
  if (document.readyState === 'complete') keep();
  else addEventListener('load', keep);
}

// Loaded by the pages that have them: the editor alone is larger than all text.
export default {
  extends: DefaultTheme,
  setup() {
    // Every page but the home page has a <main> of its own.
    const { frontmatter } = useData();
    const mark = (): void => {
      const content = document.getElementById('VPContent');
      if (frontmatter.value.layout === 'home') content?.setAttribute('role', 'main');
      else content?.removeAttribute('role');
    };
    onMounted(() => {
      mark();
      afterLoading();
    });
    watch(() => frontmatter.value.layout, () => { void nextTick(mark); });
  },
  enhanceApp({ app }) {
    app.component('Program', defineAsyncComponent(() => import('@site/components/Program.vue')));
    app.component('Digits', defineAsyncComponent(() => import('@site/components/Digits.vue')));
    app.component('Stepper', defineAsyncComponent(() => import('@site/components/Stepper.vue')));
    app.component('Spirals', defineAsyncComponent(() => import('@site/components/Spirals.vue')));
    app.component('Meaning', defineAsyncComponent(() => import('@site/components/Meaning.vue')));
    app.component('Measure', defineAsyncComponent(() => import('@site/components/Measure.vue')));
    app.component('Inside', defineAsyncComponent(() => import('@site/components/Inside.vue')));
    app.component('Writer', defineAsyncComponent(() => import('@site/components/Writer.vue')));
  },
} satisfies Theme;
